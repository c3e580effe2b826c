using System.Globalization;
using Descent.Journal;
using Descent.Tests;
using Descent.Tuning;

namespace Descent.Cli.Tests.Commands;

/// <summary>Studies of tiny models that several processes share, that exceed limits, that learn a tokenizer, and that are reported on.</summary>
public sealed class SharedStudyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact(Timeout = 240_000)]
    public async Task Tune_OfTwoProcessesOnAServer_ShareTheTrials()
    {
        Assert.SkipWhen(PostgresServer.Programs is null, PostgresServer.Missing);
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await using PostgresServer server = await PostgresServer.StartAsync(cancellation);
        string[] command = ["tune", TableRun(), "--out", _folder["study"], "--trials", "4", "--journal", server.Url(), "--study", "shared", "--set", "optimizer.learning_rate=log(1e-4,1e-1)"];

        (int Code, string Output, string Error)[] both = await Task.WhenAll(DescentProcess.RunAsync(command), DescentProcess.RunAsync(command));

        Assert.All(both, static one => Assert.True(one.Code == ExitCode.Done, one.Output + one.Error));
        string[][] rows = Rows();
        Assert.Equal(4, rows.Length);
        Assert.All(rows, static row => Assert.Equal(("complete", "1"), (row[1], row[6])));
        Assert.Equal(2, rows.Select(static row => row[7]).Distinct().Count());
        int[] begun = [.. both.Select(static one => one.Output.Split('\n').Count(static line => line.Contains(" begins: ", StringComparison.Ordinal)))];
        Assert.Equal(4, begun.Sum());
        Assert.All(begun, static count => Assert.InRange(count, 1, 3));
        Assert.False(File.Exists(_folder["study/journal.db"]));

        // The folder knows where its journal is.
        (int code, string output, string error) = await DescentProcess.RunAsync("report", _folder["study"], "--output", _folder["page.html"]);
        Assert.True(code == ExitCode.Done, output + error);
        Assert.Contains("4 trials over 1 parameter: 4 complete", File.ReadAllText(_folder["page.html"]));
        Assert.Contains("<h1>4 runs compared</h1>", File.ReadAllText(_folder["page-curves.html"]));
        (code, output, error) = await DescentProcess.RunAsync("report", "--journal", server.Url(), "--output", _folder["other.html"]);
        Assert.True(code == ExitCode.Done, output + error);
        Assert.Contains("<h1>shared</h1>", File.ReadAllText(_folder["other.html"]));
    }

    [Theory]
    [InlineData("--trial-minutes", "0.03", @"it took \d+(\.\d+)? s of 1\.8 s; give it more time")]
    [InlineData("--trial-memory", "20MiB", @"it took \d+(\.\d+)? MiB of memory, of 20(\.0)? MiB; give it more, or make it smaller")]
    [InlineData("--trial-disk", "2KiB", @"its folder holds .*, of 2(\.0)? KiB; give it more, or keep fewer checkpoints")]
    public async Task Tune_OfATrialOverALimit_SaysWhich(string option, string limit, string expected)
    {
        // Steps that never end, so that only the limit can end them.
        (int code, string output, string error) = await DescentProcess.RunAsync(
            "tune", TableRun("stop: { steps: 1000000000 }"), "--out", _folder["study"], "--trials", "1", "--set", "optimizer.learning_rate=log(1e-5,1e-3)", option, limit);

        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("trials: 1 failed", output);
        Assert.Contains("no trial is complete; the last one that failed: ", error);
        string[][] rows = Rows();
        Assert.Matches(expected, string.Join(',', Assert.Single(rows)));
        Assert.Contains("1 failed", File.ReadAllText(_folder["study/report.html"]));
    }

    [Theory]
    [InlineData(1, 3, "tune", "--trials", "3", "--workers", "2", "--set", "optimizer.learning_rate=log(1e-5,1e-3)")]
    [InlineData(1, 4, "compare", "--optimizers", "adamw,sgd", "--trials", "1", "--seeds", "1", "--workers", "2")]
    [InlineData(2, 2, "cross-validate", "--set", "validation.folds={kind: k_fold, count: 2}")]
    public async Task RunsOfAText_LearnItsTokenizerOnceInTheCommandsFolder(int texts, int runs, string command, params string[] options)
    {
        File.WriteAllText(_folder["text.txt"], string.Concat(Enumerable.Range(0, 3000).Select(static i => $"line {i} of the text, and {i * i % 97} more words. ")));
        File.WriteAllText(_folder["run.yaml"], $$"""
            model: { kind: gpt, layers: 1, heads: 1, width: 8 }
            data: { kind: text, path: '{{_folder["text.txt"]}}', tokenizer: bpe, vocabulary: 300, context: 8, batch_size: 2 }
            validation: { every_steps: 2, batches: 1 }
            sample: { tokens: 0 }
            stop: { steps: 2 }
            """);

        (int code, string output, string error) = await DescentProcess.RunAsync([command, _folder["run.yaml"], "--out", _folder["all"], .. options]);

        Assert.True(code == ExitCode.Done, output + error);
        string[] kept = [.. Directory.GetDirectories(_folder["all/tokenizers"]).Select(static entry => File.ReadAllText(Path.Combine(entry, "merges.txt"))).Order(StringComparer.Ordinal)];
        Assert.Equal(texts, kept.Length);
        string[] used = [.. Directory.GetDirectories(_folder["all"], "tokenizer", SearchOption.AllDirectories).Select(static run => File.ReadAllText(Path.Combine(run, "merges.txt")))];
        Assert.Equal(runs, used.Length);
        Assert.Equal(kept.Distinct(), used.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Report_OfAStudyThatIsNotThere_IsOneLine()
    {
        Directory.CreateDirectory(_folder["empty"]);
        (int code, _, string error) = await DescentProcess.RunAsync("report", "--journal", _folder["none.db"]);
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains("There is no journal", error);
        Assert.False(File.Exists(_folder["none.db"]));

        await DescentProcess.RefusedAsync("There is nothing to report on", "report");
        await using (IJournal journal = await JournalCatalog.OpenAsync(_folder["some.db"], cancellation: TestContext.Current.CancellationToken))
        {
            await DescentProcess.RefusedAsync("There is no study 'tail': the journal holds none.", "report", "--journal", _folder["some.db"], "--study", "tail");
            await DescentProcess.RefusedAsync("The journal holds no study.", "report", "--journal", _folder["some.db"]);
            foreach (string name in (string[])["tales", "second"])
            {
                await using Study study = await Study.OpenAsync(journal, name, new StudyOptions { Space = new SearchSpace(Parameter.Log("rate", 1e-4, 1)) }, TestContext.Current.CancellationToken);
            }
        }

        await DescentProcess.RefusedAsync("There is no study 'tail' in the journal; it holds second, tales.", "report", "--journal", _folder["some.db"], "--study", "tail");
        await DescentProcess.RefusedAsync("The journal holds 2 studies: second, tales; name one with --study.", "report", "--journal", _folder["some.db"]);
    }

    private string[][] Rows() => [.. File.ReadAllLines(_folder["study/trials.csv"])[1..].Select(static line => line.Split(','))];

    private string TableRun(string stop = "stop: { steps: 12 }")
    {
        File.WriteAllLines(_folder["table.csv"], Enumerable.Range(1, 60).Select(static i => string.Create(CultureInfo.InvariantCulture, $"{i},{i * i % 17},{(i % 2 == 0 ? "even" : "odd")}")).Prepend("a,b,y"));
        File.WriteAllText(_folder["run.yaml"], $$"""
            model: { kind: mlp, widths: [8] }
            data: { kind: csv, path: '{{_folder["table.csv"]}}', target: y, batch_size: 8, validation: 0.2 }
            checkpoints: { every_steps: 1000 }
            validation: { every_steps: 1000 }
            {{stop}}
            """);
        return _folder["run.yaml"];
    }
}
