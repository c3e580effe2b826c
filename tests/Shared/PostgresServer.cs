using System.Diagnostics;
using System.Globalization;

namespace Descent.Tests;

/// <summary>
/// A PostgreSQL server of a test's own: made in a temporary folder from the installed programs, reached by a socket in that folder, ended by its own process id,
/// and by itself when this process is gone.
/// </summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    /// <summary>What a test says when it skips.</summary>
    public const string Missing = "PostgreSQL's programs are not installed (looked in /usr/lib/postgresql/*/bin and PATH): apt-get install postgresql";

    // Stops the server when its own standard input ends, which the death of this process brings about too.
    private const string Watch = "\"$0\" \"$@\" & pid=$!; cat >/dev/null; kill -INT $pid 2>/dev/null; wait $pid";

    private readonly string _programs;
    private readonly string _folder;
    private Process? _watch;

    private PostgresServer(string programs, string folder) => (_programs, _folder) = (programs, folder);

    /// <summary>Where the programs are; none: they are not installed.</summary>
    public static string? Programs { get; } = FindPrograms();

    /// <summary>The user that may do everything.</summary>
    public const string User = "descent";

    /// <summary>The folder of the socket.</summary>
    public string Host => _folder;

    /// <summary>The address of a database.</summary>
    public string Url(string database = "postgres") => $"postgres://{User}@/{database}?host={_folder}";

    public static async Task<PostgresServer> StartAsync(CancellationToken cancellation)
    {
        string folder = Directory.CreateTempSubdirectory("descent-pg-").FullName;
        PostgresServer server = new(Programs ?? throw new InvalidOperationException(Missing), folder);
        try
        {
            // The server refuses to run as root, so then another user has to find its way in.
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111);
            }

            await server.RunAsync("initdb", ["-D", Path.Combine(folder, "data"), "-U", User, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"], cancellation);
            await server.ResumeAsync(cancellation);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public Task CreateDatabaseAsync(string name, CancellationToken cancellation) =>
        RunAsync("createdb", ["-h", _folder, "-U", User, name], cancellation);

    /// <summary>Starts the server that was stopped, and waits until it answers.</summary>
    public async Task ResumeAsync(CancellationToken cancellation)
    {
        ProcessStartInfo start = Command("/bin/sh", "-c", Watch, Path.Combine(_programs, "postgres"), "-D", Path.Combine(_folder, "data"),
            "-k", _folder, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=100");
        start.RedirectStandardInput = true;
        _watch = Process.Start(start)!;
        string log = "";
        _watch.ErrorDataReceived += (_, line) => log += line.Data + "\n";
        _watch.BeginErrorReadLine();
        _watch.BeginOutputReadLine();
        for (int attempt = 0; attempt < 600; attempt++)
        {
            if (_watch.HasExited)
            {
                throw new InvalidOperationException($"The PostgreSQL server ended at once: {log}");
            }

            using Process ask = Process.Start(Command(Path.Combine(_programs, "pg_isready"), "-q", "-h", _folder))!;
            await ask.WaitForExitAsync(cancellation);
            if (ask.ExitCode == 0)
            {
                return;
            }

            await Task.Delay(50, cancellation);
        }

        throw new TimeoutException($"The PostgreSQL server doesn't answer after 30 s: {log}");
    }

    /// <summary>Stops the server: in order, or as a crash would, so that it has to recover.</summary>
    public async Task StopAsync(bool crash, CancellationToken cancellation)
    {
        if (_watch is not { } watch)
        {
            return;
        }

        if (crash)
        {
            string pid = File.ReadLines(Path.Combine(_folder, "data", "postmaster.pid")).First();
            using Process kill = Process.Start("kill", ["-QUIT", pid]);
            await kill.WaitForExitAsync(cancellation);
        }

        watch.StandardInput.Close();
        await watch.WaitForExitAsync(cancellation);
        watch.Dispose();
        _watch = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(crash: false, CancellationToken.None);
        Directory.Delete(_folder, recursive: true);
    }

    private static string? FindPrograms() =>
        (Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql") : [])
            .OrderByDescending(static folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int version) ? version : 0)
            .Select(static folder => Path.Combine(folder, "bin"))
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'))
            .FirstOrDefault(static folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")));

    private async Task RunAsync(string program, string[] arguments, CancellationToken cancellation)
    {
        using Process process = Process.Start(Command(Path.Combine(_programs, program), arguments))!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellation);
        Task<string> errors = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} failed: {await errors} {await output}");
        }
    }

    private ProcessStartInfo Command(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder };
        start.Environment["LC_ALL"] = "C";
        if (Environment.IsPrivilegedProcess)
        {
            start.UserName = File.ReadLines("/etc/passwd").Any(static line => line.StartsWith("postgres:", StringComparison.Ordinal)) ? "postgres" : "nobody";
        }

        return start;
    }
}
