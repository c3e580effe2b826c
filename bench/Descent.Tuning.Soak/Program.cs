using System.Diagnostics;
using System.Globalization;
using Descent.Tests;
using Descent.Tuning;
using Descent.Tuning.Soak;

// Trials survive: workers killed at random, the server restarted under them, every trial done once.
//   dotnet run -c Release --project bench/Descent.Tuning.Soak -- journal=sqlite
//   dotnet run -c Release --project bench/Descent.Tuning.Soak -- journal=postgres stops=5
if (args is ["worker", var workerUrl, var workerFolder, ..])
{
    await Work.RunAsync(Plan.Parse(args[3..]), workerUrl, workerFolder);
    return 0;
}

if (args is ["append", var appendUrl, var writer])
{
    await Appender.RunAsync(appendUrl, int.Parse(writer, CultureInfo.InvariantCulture));
    return 0;
}

if (args is ["parent", ..])
{
    // A worker whose trial is a process of its own, which says its number.
    await using Study study = await Study.OpenAsync("memory:", "parent", new StudyOptions { Space = new SearchSpace(Parameter.Uniform("x", 0, 1)) });
    ProcessObjective objective = new("sh", "-c", "echo $$ >\"$0\"; exec sleep 1000", args[1]) { Grace = TimeSpan.FromSeconds(1) };
    await study.OptimizeAsync(objective.RunAsync, new OptimizeOptions { Trials = 1 });
    return 0;
}

Plan plan = Plan.Parse(args);
string folder = Directory.CreateTempSubdirectory("descent-soak-").FullName;
using CancellationTokenSource timeout = new(TimeSpan.FromMinutes(30));
try
{
    if (plan.Journal == "postgres" && PostgresServer.Programs is null)
    {
        Console.Error.WriteLine(PostgresServer.Missing);
        return 2;
    }

    await using PostgresServer? server = plan.Journal == "postgres" ? await PostgresServer.StartAsync(timeout.Token) : null;
    string url = server?.Url() ?? Path.Combine(folder, "journal.db");
    Stopwatch watch = Stopwatch.StartNew();
    Overseer overseer = new(plan, folder, url, server);
    await overseer.RunAsync(timeout.Token);
    double seconds = watch.Elapsed.TotalSeconds;
    string found = await new Evidence(plan, folder, url, overseer).CheckAsync();
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{plan.Journal}, {plan.Workers} workers, {seconds:0.0} s: {found}"));
    return 0;
}
catch (InvalidOperationException fault)
{
    Console.Error.WriteLine($"{plan.Journal}: {fault.Message}");
    return 1;
}
finally
{
    Directory.Delete(folder, recursive: true);
}
