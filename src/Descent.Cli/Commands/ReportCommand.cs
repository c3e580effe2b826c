using System.CommandLine;
using Descent.Cli.Report;

namespace Descent.Cli.Commands;

/// <summary><c>descent report</c>: one self-contained page about a run, or about several side by side.</summary>
internal static class ReportCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var runs = new Argument<string[]>("RUN_DIR")
        {
            Description = "Folders of runs; several are overlaid for comparison.",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = new Option<string>("--output", "-o")
        {
            Description = "The file to write. Default: report.html in the run's folder, or in the present one for several runs.",
            HelpName = "FILE",
        };
        var command = new DescentCommand(
            "report",
            "Writes one self-contained HTML page with the curves, figures, samples and settings of a run, or of several side by side.",
            """
            descent report runs/tales
            descent report runs/tales runs/hot --output comparison.html
            """)
        {
            runs,
            output,
        };
        command.SetAction(parsed =>
        {
            string[] directories = parsed.GetRequiredValue(runs);
            string file = parsed.GetValue(output) ?? (directories.Length == 1 ? Path.Combine(directories[0], "report.html") : "report.html");
            ReportWriter.Write(directories, file);
            Console.WriteLine(Path.GetFullPath(file));
            return ExitCode.Done;
        });
        return command;
    }
}
