using System.CommandLine;
using Descent.Cli.Report;
using Descent.Cli.Studies;
using Descent.Training;

namespace Descent.Cli.Commands;

/// <summary><c>descent report</c>: one self-contained page about a run, about several side by side, or about a study.</summary>
internal static class ReportCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var runs = new Argument<string[]>("RUN_DIR")
        {
            Description = "Folders of runs, several of which are overlaid for comparison, or the folder of a study.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var output = new Option<string>("--output", "-o")
        {
            Description = "The file to write. Default: report.html in the run's folder, or in the present one for several runs. Folders that are missing are made, and a file that is no HTML isn't written over.",
            HelpName = "FILE",
        };
        var journal = new Option<string?>("--journal") { Description = "The journal of a study that has no folder, or whose folder doesn't say: a file, or postgres://user@host/database.", HelpName = "URL" };
        var study = new Option<string?>("--study") { Description = "The study's name in the journal. Default: the only one there.", HelpName = "NAME" };
        var command = new DescentCommand(
            "report",
            "Writes one self-contained HTML page with the curves, figures, samples and settings of a run, or of several side by side; or with what mattered in a study: history, importance of parameters, parallel coordinates, slices, trials.",
            """
            descent report runs/tales
            descent report runs/tales runs/hot --output comparison.html
            descent report studies/tales
            descent report --journal postgres://tuner@server/descent --study tales
            """)
        {
            runs,
            output,
            journal,
            study,
        };
        command.SetAction(parsed =>
        {
            string[] directories = parsed.GetValue(runs) ?? [];
            string file = parsed.GetValue(output) ?? (directories.Length == 1 ? Path.Combine(directories[0], "report.html") : "report.html");
            (string? url, string? name) = (parsed.GetValue(journal), parsed.GetValue(study));
            foreach (string directory in directories)
            {
                RequireRunOrStudy(directory, alone: directories.Length == 1);
            }

            if (directories.Length == 0)
            {
                StudyReport.OfJournalAsync(url ?? throw new BadInputException("There is nothing to report on; name folders of runs, the folder of a study, or a study's journal with --journal."), name, file).GetAwaiter().GetResult();
            }
            else if (directories.Length == 1 && (url is not null || StudyReport.IsStudy(directories[0])))
            {
                StudyReport.OfFolderAsync(directories[0], url, name, file).GetAwaiter().GetResult();
            }
            else if (url is not null || name is not null)
            {
                throw new BadInputException($"{(url is not null ? "--journal" : "--study")} is for the report of a study, and {directories[0]} is the folder of a run; leave it out");
            }
            else
            {
                ReportWriter.Write(directories, file);
            }

            Console.WriteLine(Path.GetFullPath(file));
            return ExitCode.Done;
        });
        return command;
    }

    private static void RequireRunOrStudy(string directory, bool alone)
    {
        if (OutputFolder.KindOf(directory) is { } kind && (kind is OutputFolder.Comparison or OutputFolder.CrossValidation || (kind == OutputFolder.Study && !alone)))
        {
            throw new BadInputException($"{directory}: is the folder of a {kind}, whose page {(kind == OutputFolder.Study ? "stands alone; name it without others" : "its own command makes, there")}");
        }
    }
}
