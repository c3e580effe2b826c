using System.Runtime.InteropServices;

namespace Descent.Cli;

/// <summary>
/// Lets a run end in order when it is told to stop: Ctrl-C, a request to terminate, or a terminal that goes away cancels
/// <see cref="Token"/>. A second signal does what it would have done without us: it ends the process at once.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private const string ShowCursor = "\e[?25h";

    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Action<string> _tell;

    /// <summary>Begins to listen.</summary>
    /// <param name="tell">Is told, on another thread, that the request was heard and how to insist.</param>
    public Interruption(Action<string> tell)
    {
        _tell = tell;
        _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, Handle))];
    }

    /// <summary>Is cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        Array.ForEach(_registrations, registration => registration.Dispose());
        _source.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        if (_source.IsCancellationRequested)
        {
            // The process ends here: a live panel can't bring the cursor back any more.
            if (!Console.IsOutputRedirected)
            {
                Console.Write(ShowCursor);
            }

            return;
        }

        context.Cancel = true;
        _source.Cancel();
        _tell("stopping after this step, with a checkpoint; interrupt once more to quit at once");
    }
}
