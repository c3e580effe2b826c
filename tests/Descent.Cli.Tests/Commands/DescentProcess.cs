using System.Diagnostics;

namespace Descent.Cli.Tests.Commands;

/// <summary>Runs the built command as a user does, in a process of its own.</summary>
internal static class DescentProcess
{
    private static readonly string Assembly = Path.Combine(AppContext.BaseDirectory, "descent.dll");

    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using Process process = Start(arguments);
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellation);
        Task<string> error = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return (process.ExitCode, await output, await error);
    }

    /// <summary>Runs what must be refused: in one line, which says what is expected, and without a trace.</summary>
    /// <returns>What it printed before.</returns>
    public static async Task<string> RefusedAsync(string expected, params string[] arguments)
    {
        (int code, string output, string error) = await RunAsync(arguments);
        Assert.Contains(expected, error);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
        Assert.DoesNotContain("   at ", output + error);
        Assert.Equal(Descent.Cli.ExitCode.BadInput, code);
        return output;
    }

    public static Process Start(params string[] arguments)
    {
        string host = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";

        // A shell starts its background jobs with SIGINT ignored, and all that they start inherit it; Ctrl-C must reach this one.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", host])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // Several of them share the cores with the tests; libtorch's threads wait by spinning.
        start.Environment["OMP_NUM_THREADS"] = "1";
        foreach (string argument in arguments.Prepend(Assembly))
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }
}
