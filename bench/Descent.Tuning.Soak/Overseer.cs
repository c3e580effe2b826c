using System.Diagnostics;
using Descent.Tests;

namespace Descent.Tuning.Soak;

/// <summary>Starts workers, kills and suspends some at random, restarts the server under them, and waits until all trials have ended.</summary>
internal sealed class Overseer(Plan plan, string folder, string url, PostgresServer? server)
{
    private readonly Random _random = new(plan.Seed);
    private readonly List<Process> _workers = [];

    /// <summary>Processes that were suspended: after that they may write to their diaries when it is no longer their turn.</summary>
    public HashSet<int> Stopped { get; } = [];

    public int Kills { get; private set; }

    public int Restarts { get; private set; }

    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            for (int worker = 0; worker < plan.Workers; worker++)
            {
                _workers.Add(Start());
            }

            // Kills and stops in random order, restarts evenly in between.
            List<char> acts = [.. Enumerable.Repeat('k', plan.Kills), .. Enumerable.Repeat('s', plan.Stops)];
            _random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(acts));
            int restarts = server is null ? 0 : plan.Restarts;
            for (int restart = 1; restart <= restarts; restart++)
            {
                acts.Insert(restart * acts.Count / (restarts + 1), 'r');
            }

            foreach (char act in acts)
            {
                await Task.Delay(_random.Next(50, 700), cancellation);
                await (act switch
                {
                    'k' => KillAsync(cancellation),
                    's' => SuspendAsync(cancellation),
                    _ => RestartAsync(cancellation),
                });
            }

            await Task.WhenAll(_workers.Select(worker => worker.WaitForExitAsync(cancellation)));
            if (_workers.FirstOrDefault(static worker => worker.ExitCode != 0) is { } failed)
            {
                throw new InvalidOperationException($"Worker {failed.Id} ended with code {failed.ExitCode}.");
            }
        }
        finally
        {
            foreach (Process worker in _workers)
            {
                if (!worker.HasExited)
                {
                    worker.Kill();
                    await worker.WaitForExitAsync(CancellationToken.None);
                }

                worker.Dispose();
            }
        }
    }

    private async Task KillAsync(CancellationToken cancellation)
    {
        int index = await PickAsync(cancellation);
        Process victim = _workers[index];
        victim.Kill();
        await victim.WaitForExitAsync(cancellation);
        // 128 + SIGKILL; any other code means that it had ended by itself, of a fault or because all was done.
        if (victim.ExitCode != 137)
        {
            throw new InvalidOperationException($"Worker {victim.Id} had ended with code {victim.ExitCode} before it was killed. If all trials were done, ask for more trials or fewer kills.");
        }

        victim.Dispose();
        Kills++;
        _workers[index] = Start();
    }

    private async Task SuspendAsync(CancellationToken cancellation)
    {
        Process victim = _workers[await PickAsync(cancellation)];
        Stopped.Add(victim.Id);
        await SignalAsync(victim, "-STOP", cancellation);
        await Task.Delay(TimeSpan.FromSeconds(plan.LeaseSeconds * 1.5), cancellation);
        await SignalAsync(victim, "-CONT", cancellation);
    }

    private async Task RestartAsync(CancellationToken cancellation)
    {
        await server!.StopAsync(crash: Restarts % 2 == 1, cancellation);
        await Task.Delay(_random.Next(100, 1000), cancellation);
        await server.ResumeAsync(cancellation);
        Restarts++;
    }

    /// <summary>A worker that has begun a trial: killing one that still starts would show nothing.</summary>
    private async Task<int> PickAsync(CancellationToken cancellation)
    {
        while (true)
        {
            int[] busy = [.. Enumerable.Range(0, _workers.Count).Where(index => !_workers[index].HasExited && new FileInfo(Work.Diary(folder, _workers[index].Id)) is { Exists: true, Length: > 0 })];
            if (busy.Length > 0)
            {
                return busy[_random.Next(busy.Length)];
            }

            if (_workers.TrueForAll(static worker => worker.HasExited))
            {
                throw new InvalidOperationException("No worker is left to kill: ask for more trials or fewer kills.");
            }

            await Task.Delay(20, cancellation);
        }
    }

    private static async Task SignalAsync(Process process, string signal, CancellationToken cancellation)
    {
        using Process kill = Process.Start("kill", [signal, $"{process.Id}"]);
        await kill.WaitForExitAsync(cancellation);
    }

    private Process Start()
    {
        ProcessStartInfo start = new(Environment.ProcessPath!);
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
        {
            start.ArgumentList.Add(typeof(Overseer).Assembly.Location);
        }

        foreach (string argument in (string[])["worker", url, folder, .. plan.Arguments()])
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }
}
