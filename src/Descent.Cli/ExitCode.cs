namespace Descent.Cli;

/// <summary>What <c>descent</c> tells the shell.</summary>
internal static class ExitCode
{
    /// <summary>It did what was asked.</summary>
    public const int Done = 0;

    /// <summary>The run failed: it diverged, or something unexpected happened.</summary>
    public const int Failed = 1;

    /// <summary>The command line, a file or the data can't be used; one line on the error stream says why.</summary>
    public const int BadInput = 2;

    /// <summary>It was interrupted, after a checkpoint was written. 128 + SIGINT, as shells have it.</summary>
    public const int Interrupted = 130;
}
