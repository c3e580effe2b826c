using System.Diagnostics;

namespace Descent.Cli;

/// <summary>This program once more, as a process of its own.</summary>
internal static class OwnProcess
{
    /// <summary>What starts it, whether it runs by itself or by <c>dotnet</c>.</summary>
    /// <param name="arguments">The command line.</param>
    public static ProcessStartInfo With(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(OwnProcess).Assembly.Location);
        }

        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }
}
