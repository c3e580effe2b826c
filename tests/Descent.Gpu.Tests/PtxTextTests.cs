using System.Text.RegularExpressions;
using Descent.Gpu.Tests.Machine;
using Descent.Optimizers;
using Descent.Optimizers.Tests;

namespace Descent.Gpu.Tests;

/// <summary>The PTX of every rule in every form: what must be in it, and what must not.</summary>
public sealed partial class PtxTextTests(PtxTextTests.Compiler compiler) : IClassFixture<PtxTextTests.Compiler>
{
    public static TheoryData<string> Rules => [.. StepForms.Served];

    public static TheoryData<string> All => [.. Subjects.All.Keys];

    [Theory]
    [MemberData(nameof(Rules))]
    public void EveryRule_IsOneEntryOfPlainInstructions(string rule)
    {
        OptimizerOptions options = Subjects.All[rule];
        int states = options.State.Count;
        foreach ((string form, Func<OptimizerOptions, long, StepScalars> scalars) in StepForms.All)
        {
            string text = compiler.Compile(options, scalars(options, 1)).Text;

            Assert.Single(Entry().Matches(text));
            Assert.DoesNotContain(".func", text, StringComparison.Ordinal);
            Assert.DoesNotContain("call", text, StringComparison.Ordinal);
            Assert.DoesNotContain(".local", text, StringComparison.Ordinal);
            Assert.DoesNotContain(".shared", text, StringComparison.Ordinal);
            Assert.DoesNotContain(".approx", text, StringComparison.Ordinal);
            Assert.DoesNotContain(".ftz", text, StringComparison.Ordinal);

            // Every stream once in the loop of four and once in that of one.
            Assert.Equal(2 + states, Count(text, "ld.global.v4.f32"));
            Assert.Equal(1 + states, Count(text, "st.global.v4.f32"));
            Assert.Equal(2 + states, Count(text, "ld.global.f32"));
            Assert.Equal(1 + states, Count(text, "st.global.f32"));

            // No rule brings a branch of its own: what there is are the two loops.
            Assert.True(Conditional().Count(text) <= 3, $"{form}: {Conditional().Count(text)} conditional branches");
            Assert.DoesNotMatch(@"@!?%p\d+\s+bra\.uni", text);

            // Without a rounding, NVIDIA's assembler may fuse a product and a sum.
            Assert.DoesNotMatch(@"\b(add|sub|mul|div|fma|sqrt)\.f32", text);
            _ = new PtxProgram(text); // every instruction is known, every operand of its type
        }
    }

    /// <summary>Every rule of the catalog is compiled, or is named here with its reason.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public void EveryRule_IsServed_OrSaysWhyNot(string rule)
    {
        string? reason = StepForms.ReasonAgainst(rule);
        Assert.SkipWhen(reason == "the rule is not element-wise", $"{rule}: {reason}");
        Assert.Null(reason);
    }

    [Fact]
    public void AdamW_IsShort()
    {
        // Four elements a turn, each the formula's 13 operations and its 9 constants' conversions, all of which NVIDIA's assembler keeps; and 7 vectors moved.
        PtxProgram program = new(compiler.Compile(new AdamWOptions(), new AdamWOptions().Scalars(1)).Text);
        int loop = program.Instructions.FindIndex(static line => line.StartsWith("ld.global.v4", StringComparison.Ordinal));
        int end = program.Instructions.FindLastIndex(static line => line.StartsWith("st.global.v4", StringComparison.Ordinal));
        Assert.InRange(end - loop, 1, 110);
    }

    [Fact]
    public void ARuleWithReferences_IsRefused_WithWhatToDo()
    {
        var problem = Assert.Throws<NotSupportedException>(() => compiler.Compile(new ReferringOptions(), new ReferringOptions().Scalars(1)));
        Assert.Contains("ReferringRule", problem.Message, StringComparison.Ordinal);
        Assert.Contains("keep only them", problem.Message, StringComparison.Ordinal);
    }

    private static int Count(string text, string part) => text.Split(part + "\t").Length - 1;

    [GeneratedRegex(@"\.visible \.entry")]
    private static partial Regex Entry();

    [GeneratedRegex(@"@!?%p\d+\s+bra")]
    private static partial Regex Conditional();

    /// <summary>One compiler for all tests.</summary>
    public sealed class Compiler : IDisposable
    {
        private readonly PtxCompiler _compiler = new();

        internal PtxKernel Compile(OptimizerOptions options, StepScalars scalars)
        {
            double[] shared = [.. options.SharedState.Select(static entry => entry.InitialValue)];
            scalars = scalars with { Shared = shared };
            options.Advance(shared, scalars);
            var visitor = new Visitor(_compiler);
            Assert.True(options.CreateKernel().TryAccept(ref visitor, scalars));
            return visitor.Kernel!;
        }

        public void Dispose() => _compiler.Dispose();

        private struct Visitor(PtxCompiler compiler) : IRuleVisitor
        {
            public PtxKernel? Kernel { get; private set; }

            public void Visit<TRule, TPrologue>(TRule rule, TPrologue prologue, bool exempt)
                where TRule : struct, IRule
                where TPrologue : struct, IPrologue<TPrologue> =>
                Kernel ??= compiler.Compile<TRule, TPrologue>();
        }
    }
}
