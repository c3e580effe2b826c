using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;

namespace Descent.Journal.Tests;

/// <summary>Stands between a client and a server, and cuts the connection once the server has answered a certain request: done, and nobody was told.</summary>
internal sealed class AnswerThief : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly NpgsqlConnectionStringBuilder _server;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private byte[]? _wanted;

    public AnswerThief(NpgsqlConnectionStringBuilder server)
    {
        _server = server;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Url => $"postgres://descent@127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/{_server.Database}?sslmode=disable";

    public int Stolen { get; private set; }

    /// <summary>Steals the answer to the next request that has this text in it.</summary>
    public void StealNextAnswer(string text) => _wanted = Encoding.UTF8.GetBytes(text);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                connections.Add(RelayAsync(await _listener.AcceptSocketAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task RelayAsync(Socket client)
    {
        using Socket server = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using (client)
        {
            await server.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(_server.Host!, $".s.PGSQL.{_server.Port}")), _stop.Token);
            bool steal = false;
            await Task.WhenAny(PumpAsync(client, server, request => steal |= IsWanted(request)), PumpAsync(server, client, _ => steal));
            Stolen += steal ? 1 : 0;
        }
    }

    /// <summary>Passes on what comes; <paramref name="seen"/> is asked before, and for answers says whether to stop there.</summary>
    private async Task PumpAsync(Socket from, Socket to, Func<byte[], bool> seen)
    {
        byte[] buffer = new byte[1 << 16];
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(buffer, _stop.Token)) > 0)
            {
                bool stop = seen(buffer[..read]);
                if (stop && from.AddressFamily == AddressFamily.Unix)
                {
                    return;
                }

                await to.SendAsync(buffer.AsMemory(0, read), _stop.Token);
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The other side is gone, or the test over.
        }
    }

    private bool IsWanted(byte[] request)
    {
        if (_wanted is { } wanted && request.AsSpan().IndexOf(wanted) >= 0)
        {
            _wanted = null;
            return true;
        }

        return false;
    }
}
