using Descent.Optimizers;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace Descent.Torch.Tests.Optimizers;

/// <summary>So many parameters that all threads look them up.</summary>
public sealed class ManyParametersTests
{
    private const int Count = 700;

    [Theory]
    [InlineData("adamw")]
    [InlineData("lamb")]
    public void Threads_FindTheSameAsOne(string rule)
    {
        Assert.Equal(Run(rule, new WorkerPool(1)), Run(rule, new WorkerPool(3)));

        static float[][] Run(string rule, WorkerPool pool)
        {
            using WorkerPool threads = pool;
            using var scope = NewDisposeScope();
            Parameter[] parameters = Make();
            using FusedOptimizer optimizer = Create(parameters, rule);
            optimizer.Threads = threads;
            for (int step = 1; step <= 4; step++)
            {
                // Some have none, some other strides or another length of history: these leave the common way.
                foreach (var (parameter, index) in parameters.Select((parameter, index) => (parameter, index)))
                {
                    Tensor plain = full(parameter.shape, 0.1f * step + 1e-3f * index);
                    parameter.grad = (step, index % 50) switch
                    {
                        (3, 7) => null,
                        (2 or 4, 8) => plain.transpose(0, 1).contiguous().transpose(0, 1),
                        _ => plain,
                    };
                }

                optimizer.step();
            }

            Assert.Equal(4, optimizer.StepOf("0"));
            Assert.Equal(3, optimizer.StepOf("7"));
            return [.. parameters.Select(parameter => parameter.detach().data<float>().ToArray())];
        }
    }

    [Fact]
    public void ReplacedGradients_AreFound()
    {
        using var scope = NewDisposeScope();
        Parameter[] parameters = Make();
        using FusedOptimizer optimizer = Create(parameters, "sgd");
        foreach (float gradient in (ReadOnlySpan<float>)[1, 0, 2])
        {
            foreach (Parameter parameter in parameters)
            {
                parameter.grad = full(parameter.shape, gradient);
            }

            optimizer.step();
        }

        Assert.All(parameters, parameter => Assert.Equal(-3f, parameter.detach().data<float>()[0]));
    }

    [Theory]
    [InlineData("adamw")]
    [InlineData("lamb")]
    public void DisposedState_IsAnErrorThatNamesIt(string rule)
    {
        using var scope = NewDisposeScope();
        Parameter[] parameters = Make();
        using FusedOptimizer optimizer = Create(parameters, rule);
        foreach (Parameter parameter in parameters)
        {
            parameter.grad = ones_like(parameter);
        }

        optimizer.step();
        optimizer.States.First(entry => entry is { Parameter: "600", State: "exp_avg_sq" }).Value.Dispose();
        var error = Assert.Throws<InvalidOperationException>(() => optimizer.step());
        Assert.Contains("'exp_avg_sq' of '600'", error.Message);
    }

    [Fact]
    public void ChangedStates_AreFound()
    {
        using var scope = NewDisposeScope();
        Parameter[] parameters = Make();
        using FusedOptimizer optimizer = Create(parameters, "momentum"), other = Create(parameters, "momentum");
        foreach (Parameter parameter in parameters)
        {
            parameter.grad = ones_like(parameter);
        }

        optimizer.step();
        other.step();

        // The state dictionary brings tensors of its own; a step must write those.
        optimizer.load_state_dict(other.state_dict());
        optimizer.step();
        Assert.All(optimizer.States, entry => Assert.Equal(1.9f, entry.Value.data<float>()[0]));
        Assert.All(other.States, entry => Assert.Equal(1f, entry.Value.data<float>()[0]));
    }

    [Fact]
    public void Step_AllocatesNothingAfterTheFirst()
    {
        using var scope = NewDisposeScope();
        Parameter[] parameters = Make();
        using FusedOptimizer optimizer = Create(parameters, "adamw");
        foreach (Parameter parameter in parameters)
        {
            parameter.grad = ones_like(parameter);
        }

        for (int warmUp = 0; warmUp < 5; warmUp++)
        {
            optimizer.step();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        optimizer.step();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static Parameter[] Make() => [.. Enumerable.Range(0, Count).Select(_ => new Parameter(zeros(6, 4)))];

    private static FusedOptimizer Create(Parameter[] parameters, string rule) => FusedOptimizer.Create(
        parameters.Select((parameter, index) => ($"{index}", parameter)), OptimizerCatalog.Create(rule) with { LearningRate = 1 });
}
