using System.Diagnostics;

namespace Descent.Optimizers.Tests.Contract;

/// <summary>The same bits with and without AVX-512, AVX2 and any vector instruction: each mode is a process of its own.</summary>
public sealed class HardwareModeTests
{
    private static readonly Lazy<IReadOnlyDictionary<string, string>> AsIs = new(() => Run(null));

    [Theory]
    [InlineData("DOTNET_EnableAVX512", "vector512")]
    [InlineData("DOTNET_EnableAVX2", "vector256")]
    [InlineData("DOTNET_EnableHWIntrinsic", "fma")]
    public void Digests_WithAnInstructionSetOff_AreTheSame(string knob, string gone)
    {
        Assert.SkipUnless(AsIs.Value[gone] == "True", $"This processor has no {gone} to switch off.");
        IReadOnlyDictionary<string, string> without = Run(knob);
        Assert.Equal("False", without[gone]);
        foreach (string rule in Rules(AsIs.Value))
        {
            Assert.True(AsIs.Value[rule] == without[rule], $"{rule} has other bits with {knob}=0.");
        }
    }

    [Fact]
    public void Digests_OfDifferentRules_Differ()
    {
        // The two names of plain descent are one rule.
        string[] digests = [.. Rules(AsIs.Value).Where(static rule => rule != "gradient_descent").Select(static rule => AsIs.Value[rule])];
        Assert.Equal(digests.Length, digests.Distinct().Count());
    }

    private static IEnumerable<string> Rules(IReadOnlyDictionary<string, string> report)
    {
        string[] rules = [.. report.Keys.Where(static key => !key.StartsWith("vector", StringComparison.Ordinal) && key != "fma")];
        Assert.True(rules.Length >= OptimizerCatalog.KernelNames.Count);
        return rules;
    }

    private static Dictionary<string, string> Run(string? knob)
    {
        ProcessStartInfo start = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "Descent.Optimizers.Smoke.dll")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (knob is not null)
        {
            start.Environment[knob] = "0";
        }

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => line.Split(' '))
            .ToDictionary(static words => words[0], static words => words[1].Trim());
    }
}
