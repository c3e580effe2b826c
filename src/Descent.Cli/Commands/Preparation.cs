namespace Descent.Cli.Commands;

/// <summary>Prints what a preparation does, a line each. Not <see cref="Progress{T}"/>: that hands messages to the thread pool, in any order.</summary>
internal sealed class Preparation(TextWriter output) : IProgress<string>
{
    public void Report(string value) => output.WriteLine(value);
}
