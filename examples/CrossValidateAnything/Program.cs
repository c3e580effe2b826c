// Cross validation of a TorchSharp module on a data set of one's own. Readings of one patient resemble each other: rows drawn at random let the model
// recognise patients, and promise more than it can do for new ones. Whole patients held out tell the truth.
using CrossValidateAnything;
using Descent.Optimizers;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Folds;
using Descent.Training.Models;
using static TorchSharp.torch;

var readings = new Readings(patients: 16);
var options = new TrainingOptions
{
    Optimizer = new AdamWOptions { LearningRate = 1e-2 },
    Stop = new StopOptions { Steps = 200 },
    Validation = new ValidationOptions { EverySteps = 0, Metric = "validation/mean_absolute_error" },
};
string folder = Path.Combine(Path.GetTempPath(), $"descent-folds-{Environment.ProcessId}");
try
{
    var validation = new CrossValidation
    {
        Folds = new GroupKFoldOptions { Count = 4 },
        Options = options,
        BatchSize = 16,
        Folder = folder,
    };
    CrossValidationResult result = validation.Run(readings, new FoldSamples(readings.Patients.Length) { Groups = readings.Patients }, NewModel);
    FoldStatistics unseen = Show("whole patients held out", result);

    // The same rows at random: each patient is on both sides.
    var naive = new CrossValidation { Folds = new KFoldOptions { Count = 4 }, Options = options, BatchSize = 16 };
    FoldStatistics seen = Show("rows held out at random", naive.Run(readings, new FoldSamples(readings.Patients.Length), NewModel));

    // In the folder lie folds.json, out_of_fold.csv and each fold's checkpoints; the same call again trains nothing.
    bool written = File.ReadLines(Path.Combine(folder, "out_of_fold.csv")).Count() == readings.Count + 1;
    return written && 2 * seen.Mean < unseen.Mean ? 0 : 1;
}
finally
{
    Directory.Delete(folder, recursive: true);
}

static Model NewModel(DataShape shape) =>
    new ModuleModel(nn.Sequential(nn.Linear(shape.InputLength, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, shape.Outputs)));

static FoldStatistics Show(string how, CrossValidationResult result)
{
    FoldStatistics error = result.Statistics[result.Metric];
    Console.WriteLine($"{how}: mean absolute error {error.Mean:F3} ± {error.StandardDeviation:F3}, 95 % interval {error.Low:F3} to {error.High:F3}");
    return error;
}
