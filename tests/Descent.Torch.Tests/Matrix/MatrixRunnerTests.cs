using Descent.Optimizers;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;
using RuleOptions = Descent.Optimizers.OptimizerOptions;

namespace Descent.Torch.Tests.Matrix;

/// <summary>Every rule for matrices through libtorch, beside the same rule in plain loops.</summary>
public sealed class MatrixRunnerTests
{
    // Two of a shape, so that they go through products together; a tall one; filters; three stacked matrices, of which two have a shape in common.
    private static readonly (string Name, long[] Shape, long[] Parts)[] Layers =
    [
        ("a", [6, 4], [6]), ("b", [6, 4], [6]), ("c", [3, 9], [3]), ("filters", [4, 3, 2, 2], [4]), ("qkv", [10, 5], [4, 4, 2]), ("none", [0, 4], [0]),
    ];

    // Where a factor lacks rank, its eigenvectors for the eigenvalue 0 are anyone's choice, and SOAP rotates into them: square gradients have no such choice.
    private static readonly (string Name, long[] Shape, long[] Parts)[] Square =
    [
        ("a", [5, 5], [5]), ("b", [5, 5], [5]), ("c", [3, 3], [3]), ("filters", [4, 1, 2, 2], [4]), ("qkv", [8, 4], [4, 4]), ("none", [0, 4], [0]),
    ];

    public static TheoryData<string> Rules => [.. OptimizerCatalog.Names.Where(static name => OptimizerCatalog.Create(name).MatricesOnly)];

    /// <summary>
    /// Double, so that only the order of sums differs: rounding, multiplied by what eigenvectors and roots make of it. Signs and orders of eigenvectors are
    /// the library's own, and rules must not depend on them.
    /// </summary>
    [Theory]
    [MemberData(nameof(Rules))]
    public void Steps_AreThoseOfPlainLoops(string rule)
    {
        using var scope = NewDisposeScope();
        var options = Options(rule) with { LearningRate = 0.02, WeightDecay = 0.1 };
        (string Name, Parameter Parameter)[] named = Parameters(rule, ScalarType.Float64);
        using FusedOptimizer fused = FusedOptimizer.Create([Group(rule, named, options)]);
        Reference[] references = [.. LayersOf(rule).Where(static layer => layer.Shape[0] > 0).Select((layer, index) => new Reference(layer.Name, layer.Parts, named[index].Parameter, options))];
        for (int step = 1; step <= 6; step++)
        {
            SetGradients(named, step);
            foreach (Reference reference in references)
            {
                reference.Step();
            }

            fused.Step(new StepRequest { GradientScale = 0.5 });
            Assert.All(references, reference => Assert.True(reference.Distance() < 1e-7, $"{rule}, step {step}, {reference.Name}: {reference.Distance():E2} apart"));
        }
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void Float32_FollowsFloat64(string rule)
    {
        using var scope = NewDisposeScope();
        RuleOptions options = Options(rule) with { LearningRate = 0.02 };
        (string Name, Parameter Parameter)[] single = Parameters(rule, ScalarType.Float32), exact = Parameters(rule, ScalarType.Float64);
        using FusedOptimizer a = FusedOptimizer.Create([Group(rule, single, options)]);
        using FusedOptimizer b = FusedOptimizer.Create([Group(rule, exact, options)]);
        for (int step = 1; step <= 3; step++)
        {
            SetGradients(single, step);
            SetGradients(exact, step);
            a.step();
            b.step();
        }

        // 24 bits, less what Newton-Schulz steps and inverse roots of nearly singular factors multiply rounding by.
        Assert.All(single.Zip(exact), pair => Assert.True(
            Most(pair.First.Parameter.to(ScalarType.Float64) - pair.Second.Parameter) < 2e-3 * options.LearningRate * 3 + 1e-6,
            $"{rule}, {pair.First.Name}: {Most(pair.First.Parameter.to(ScalarType.Float64) - pair.Second.Parameter):E2}"));
    }

    /// <summary>The same numbers in another layout, or in another type that holds them exactly, take the same steps.</summary>
    [Theory]
    [MemberData(nameof(Rules))]
    public void StridedParameters_TakeTheSameSteps(string rule)
    {
        using var scope = NewDisposeScope();
        RuleOptions options = Options(rule) with { LearningRate = 0.02 };
        (string Name, Parameter Parameter)[] plain = Parameters(rule, ScalarType.Float64);
        (string Name, Parameter Parameter)[] strided = [.. plain.Select(static entry => (entry.Name, new Parameter(Strided(entry.Parameter.detach()))))];
        using FusedOptimizer a = FusedOptimizer.Create([Group(rule, plain, options)]);
        using FusedOptimizer b = FusedOptimizer.Create([Group(rule, strided, options)]);
        for (int step = 1; step <= 3; step++)
        {
            SetGradients(plain, step);
            SetGradients(strided, step);
            a.step();
            b.step();
        }

        Assert.All(plain.Zip(strided), pair => Assert.True(Most(pair.First.Parameter - pair.Second.Parameter) < 1e-12, $"{rule}, {pair.First.Name}"));
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void BFloat16Parameters_MoveAsFloatOnesDo(string rule)
    {
        using var scope = NewDisposeScope();
        RuleOptions options = Options(rule) with { LearningRate = 0.01 };
        (string Name, Parameter Parameter)[] half = Parameters(rule, ScalarType.BFloat16), single = Parameters(rule, ScalarType.Float32);
        using FusedOptimizer a = FusedOptimizer.Create([Group(rule, half, options)]);
        using FusedOptimizer b = FusedOptimizer.Create([Group(rule, single, options)]);
        for (int step = 1; step <= 2; step++)
        {
            SetGradients(half, step);
            SetGradients(single, step);
            a.step();
            b.step();
        }

        // 8 bits of a parameter below 1, rounded each step, and of the gradient.
        Assert.All(half.Zip(single), pair => Assert.True(Most(pair.First.Parameter.to(ScalarType.Float32) - pair.Second.Parameter) < 0.03, $"{rule}, {pair.First.Name}"));
        Assert.All(half, static entry => Assert.Equal(ScalarType.BFloat16, entry.Parameter.dtype));
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void SavedAndLoaded_GoesOnBitForBit(string rule)
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        RuleOptions options = Options(rule) with { LearningRate = 0.02 };
        (string Name, Parameter Parameter)[] named = Parameters(rule, ScalarType.Float32);
        using FusedOptimizer through = FusedOptimizer.Create([Group(rule, named, options)]);
        Run(through, named, 1, 5);
        string file = folder.Write("empty", "") + ".safetensors";
        through.Save(file);
        (string Name, Parameter Parameter)[] resumed = [.. named.Select(static entry => (entry.Name, new Parameter(entry.Parameter.detach().clone())))];
        using FusedOptimizer second = FusedOptimizer.Create([Group(rule, resumed, options)]);
        Assert.Empty(second.Load(file));
        Run(through, named, 6, 12);
        Run(second, resumed, 6, 12);
        Assert.All(named.Zip(resumed), static pair => Assert.Equal(Numbers(pair.First.Parameter), Numbers(pair.Second.Parameter)));
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void ANaN_StaysInItsMatrix(string rule)
    {
        using var scope = NewDisposeScope();
        RuleOptions options = Options(rule) with { LearningRate = 0.02 };
        (string Name, Parameter Parameter)[] named = Parameters(rule, ScalarType.Float32);
        using FusedOptimizer fused = FusedOptimizer.Create([Group(rule, named, options)]);
        Run(fused, named, 1, 2);
        SetGradients(named, 3);
        named[1].Parameter.grad![2, 1] = float.NaN;
        fused.step();
        Assert.Contains(Numbers(named[1].Parameter), double.IsNaN);
        Assert.All(named.Where(static (_, index) => index != 1), static entry => Assert.All(Numbers(entry.Parameter), static value => Assert.True(double.IsFinite(value))));
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void AZeroGradient_MovesNothing(string rule)
    {
        using var scope = NewDisposeScope();
        RuleOptions options = Options(rule) with { WeightDecay = 0 };
        (string Name, Parameter Parameter)[] named = Parameters(rule, ScalarType.Float32);
        double[][] before = [.. named.Select(static entry => Numbers(entry.Parameter))];
        using FusedOptimizer fused = FusedOptimizer.Create([Group(rule, named, options)]);
        for (int step = 0; step < 3; step++)
        {
            foreach ((_, Parameter parameter) in named)
            {
                parameter.grad = zeros_like(parameter);
            }

            fused.step();
        }

        Assert.Equal(before, named.Select(static entry => Numbers(entry.Parameter)));
    }

    [Fact]
    public void OtherParameters_TakeTheCompanionWithItsOwnRate()
    {
        using var scope = NewDisposeScope();
        var hidden = new Parameter(ones(3, 3));
        var embedding = new Parameter(ones(5, 3));
        var bias = new Parameter(ones(3));
        var options = new MuonOptions { WeightDecay = 0, Fallback = new SgdOptions { LearningRate = 0.5 } };
        using FusedOptimizer fused = FusedOptimizer.Create(
            [new FusedGroup([("h", hidden), ("e", embedding), ("b", bias)], options) { Roles = new Dictionary<string, ParameterRole> { ["e"] = ParameterRole.Embedding } }]);
        foreach (Parameter parameter in (Parameter[])[hidden, embedding, bias])
        {
            parameter.grad = ones_like(parameter);
        }

        fused.step();
        Assert.All(Numbers(embedding).Concat(Numbers(bias)), static value => Assert.Equal(0.5, value));
        Assert.All(Numbers(hidden), static value => Assert.InRange(value, 0.9998, 0.99999));
        Assert.Equal(["h", "e", "b"], fused.Names);
        Assert.Equal([("h", "momentum_buffer")], fused.States.Select(static state => (state.Parameter, state.State)));
    }

    private static FusedGroup Group(string rule, (string Name, Parameter Parameter)[] named, RuleOptions options) => new(named, options)
    {
        StackedRows = LayersOf(rule).ToDictionary(static layer => layer.Name, static layer => layer.Parts),
    };

    private static void Run(FusedOptimizer optimizer, (string Name, Parameter Parameter)[] named, int first, int last)
    {
        for (int step = first; step <= last; step++)
        {
            SetGradients(named, step);
            optimizer.step();
        }
    }

    private static (string Name, long[] Shape, long[] Parts)[] LayersOf(string rule) => rule == "soap" ? Square : Layers;

    /// <summary>With everything that happens at intervals happening within a few steps, and ranks and blocks below the sides.</summary>
    private static MatrixOptions Options(string rule) => OptimizerCatalog.Create(rule) switch
    {
        SoapOptions soap => soap with { PreconditionEvery = 2 },
        ShampooOptions shampoo => shampoo with { PreconditionEvery = 2, BlockSize = 4, Epsilon = 1e-6 },
        GaLoreOptions galore => galore with { ProjectionGap = 3, Rank = 2 },
        ApolloOptions apollo => apollo with { ProjectionGap = 3, Rank = Math.Min(apollo.Rank, 2) },
        RuleOptions options => (MatrixOptions)options,
    };

    private static (string Name, Parameter Parameter)[] Parameters(string rule, ScalarType type) =>
        [.. LayersOf(rule).Select((layer, index) => (layer.Name, new Parameter(Wave(layer.Shape, index).to(type))))];

    private static void SetGradients((string Name, Parameter Parameter)[] named, int step)
    {
        for (int index = 0; index < named.Length; index++)
        {
            named[index].Parameter.grad = Wave(named[index].Parameter.shape, (10 * step) + index).to(named[index].Parameter.dtype);
        }
    }

    /// <summary>Numbers from −1 to 1 without a pattern: matrices of full rank.</summary>
    private static Tensor Wave(long[] shape, int seed)
    {
        double[] numbers = [.. Enumerable.Range(0, (int)shape.Aggregate(1L, static (a, b) => a * b)).Select(i => Math.Sin((12.9898 * (i + 1)) + (78.233 * (seed + 1)) + (0.37 * i * i)))];
        return numbers.Length == 0 ? zeros(shape, ScalarType.Float64) : tensor(numbers, ScalarType.Float64).view(shape);
    }

    private static Tensor Strided(Tensor tensor) => tensor.transpose(0, 1).contiguous().transpose(0, 1);

    private static double Most(Tensor difference) => difference.numel() == 0 ? 0 : difference.abs().max().to(ScalarType.Float64).item<double>();

    private static double[] Numbers(Tensor tensor) => tensor.numel() == 0 ? [] : tensor.detach().to(ScalarType.Float64).contiguous().data<double>().ToArray();

    /// <summary>A parameter's matrices, each with an optimizer of its own.</summary>
    private sealed class Reference
    {
        private readonly Parameter _parameter;
        private readonly (int Start, MatrixOptimizer<double> Optimizer)[] _parts;
        private readonly double[] _numbers;

        public Reference(string name, long[] parts, Parameter parameter, MatrixOptions options)
        {
            (Name, _parameter, _numbers) = (name, parameter, Numbers(parameter));
            int columns = (int)(parameter.numel() / parameter.shape[0]), start = 0;
            _parts = new (int, MatrixOptimizer<double>)[parts.Length];
            for (int part = 0; part < parts.Length; part++)
            {
                string own = parts.Length == 1 ? name : $"{name}.{part}";
                _parts[part] = (start, new MatrixOptimizer<double>(options, (int)parts[part], columns, own));
                start += (int)parts[part] * columns;
            }
        }

        public string Name { get; }

        public void Step()
        {
            double[] gradient = Numbers(_parameter.grad!);
            for (int part = 0; part < _parts.Length; part++)
            {
                (int start, MatrixOptimizer<double> optimizer) = _parts[part];
                int end = part + 1 < _parts.Length ? _parts[part + 1].Start : _numbers.Length;
                optimizer.Step(_numbers.AsSpan(start, end - start), gradient.AsSpan(start, end - start), gradientScale: 0.5);
            }
        }

        public double Distance() => _numbers.Zip(Numbers(_parameter), static (a, b) => Math.Abs(a - b)).Max();
    }
}
