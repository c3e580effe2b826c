using Descent.Tests;

[assembly: AssemblyFixture(typeof(Descent.Journal.Tests.PostgresFixture))]

namespace Descent.Journal.Tests;

/// <summary>One server for all tests, which take a database each; none where the programs are not installed.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private PostgresServer? _server;
    private int _databases;

    internal PostgresServer Server
    {
        get
        {
            Assert.SkipWhen(_server is null, PostgresServer.Missing);
            return _server!;
        }
    }

    public async ValueTask InitializeAsync() =>
        _server = PostgresServer.Programs is null ? null : await PostgresServer.StartAsync(TestContext.Current.CancellationToken);

    /// <summary>The address of an empty database.</summary>
    public async Task<string> NewDatabaseAsync(CancellationToken cancellation)
    {
        string name = $"test{Interlocked.Increment(ref _databases)}";
        await Server.CreateDatabaseAsync(name, cancellation);
        return Server.Url(name);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
