using System.Diagnostics;

namespace Descent.Tests;

/// <summary>Starts bench/Descent.Tuning.Soak, which lies beside the tests that refer to it.</summary>
internal static class SoakProgram
{
    public static Process Start(params string[] arguments) => Process.Start(
        new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Descent.Tuning.Soak.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

    public static async Task<(int Code, string Output)> RunAsync(CancellationToken cancellation, params string[] arguments)
    {
        using Process process = Start(arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellation);
        Task<string> errors = process.StandardError.ReadToEndAsync(cancellation);
        try
        {
            await process.WaitForExitAsync(cancellation);
        }
        finally
        {
            if (!process.HasExited)
            {
                // With the workers it started; its servers end with it.
                process.Kill(entireProcessTree: true);
            }
        }

        return (process.ExitCode, await output + await errors);
    }
}
