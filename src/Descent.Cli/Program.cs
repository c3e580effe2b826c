using System.CommandLine;
using Descent.Cli;
using Descent.Cli.Commands;

var root = new RootCommand("Descent trains models in .NET with a fraction of the compute and the memory.")
{
    TrainCommand.Create(),
    ResumeCommand.Create(),
    TuneCommand.Create(),
    CrossValidateCommand.Create(),
    FindRateCommand.Create(),
    CoordinateCheckCommand.Create(),
    PlanCommand.Create(),
    ReportCommand.Create(),
    GenerateCommand.Create(),
    ExportCommand.Create(),
    BenchCommand.Create(),
};
return CommandLine.Run(root, args);
