using Descent.Gpu.Tests;
using Descent.Optimizers;
using Descent.Optimizers.Tests;

namespace Descent.Gpu.Bench;

/// <summary>Every kernel as a file, for NVIDIA's assembler: <c>ptxas -v -arch=sm_90</c>.</summary>
internal static class PtxFiles
{
    public static int Write(string folder, Func<string, bool> wanted)
    {
        Directory.CreateDirectory(folder);
        using var compiler = new PtxCompiler();
        int files = 0;
        foreach (string rule in StepForms.Served.Where(wanted))
        {
            OptimizerOptions options = Subjects.All[rule];
            foreach ((string form, Func<OptimizerOptions, long, StepScalars> scalars) in StepForms.All)
            {
                double[] shared = [.. options.SharedState.Select(static entry => entry.InitialValue)];
                StepScalars step = scalars(options, 1) with { Shared = shared };
                options.Advance(shared, step);
                var visitor = new Visitor(compiler);
                options.CreateKernel().TryAccept(ref visitor, step);
                File.WriteAllText(Path.Combine(folder, $"{rule}.{form}.ptx".Replace(", ", "-", StringComparison.Ordinal).Replace(' ', '_')), visitor.Text);
                files++;
            }
        }

        Console.WriteLine($"{files} kernels in {folder}");
        return files > 0 ? 0 : 1;
    }

    private struct Visitor(PtxCompiler compiler) : IRuleVisitor
    {
        public string? Text { get; private set; }

        public void Visit<TRule, TPrologue>(TRule rule, TPrologue prologue, bool exempt)
            where TRule : struct, IRule
            where TPrologue : struct, IPrologue<TPrologue> =>
            Text ??= compiler.Compile<TRule, TPrologue>().Text;
    }
}
