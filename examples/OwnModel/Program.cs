// A TorchSharp module of one's own under Descent's trainer: validation, a schedule, early stopping with the best weights restored,
// checkpoints, and an interrupted run that goes on exactly where it was.
using Descent.Optimizers;
using Descent.Training;
using Descent.Training.Checkpoints;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Models;
using OwnModel;
using TorchSharp;

// A little of the .NET SDK's own documentation, as bytes.
DataSplit data = new TextDataOptions { Tokenizer = "byte", Context = 48, MaximumBytes = 200_000 }.Open();
var options = new TrainingOptions
{
    Optimizer = new AdamWOptions { LearningRate = 4e-3 },
    Schedule = new CosineSchedule { WarmupSteps = 5 },
    Gradients = new GradientOptions { ClipNorm = 1 },
    Stop = new StopOptions { Steps = 60, Patience = 5 },
    Validation = new ValidationOptions { EverySteps = 20, Batches = 4 },
    Checkpoints = new CheckpointOptions { EverySteps = 30 },
};
string folder = Path.Combine(Path.GetTempPath(), $"descent-own-model-{Environment.ProcessId}");
try
{
    using Model whole = NewModel();
    RunStopped end = Train(whole, options, folder + "-whole", CancellationToken.None);
    Console.WriteLine($"{end.Message}: validation loss {end.BestMetric:F3} at step {end.BestStep}");

    // The same again, interrupted at step 40 and gone on with in a new model.
    using var interruption = new CancellationTokenSource();
    using Model first = NewModel();
    Train(first, options, folder, interruption.Token, step =>
    {
        if (step == 40)
        {
            interruption.Cancel();
        }
    });
    using Model second = NewModel();
    Train(second, options, folder, CancellationToken.None);

    bool same = whole.state_dict().All(entry => entry.Value.bytes.SequenceEqual(second.state_dict()[entry.Key].bytes));
    Console.WriteLine(same ? "the interrupted run ended with the same weights, bit for bit" : "the interrupted run ended with other weights");
    return same && end.BestMetric < 3.5 ? 0 : 1;
}
finally
{
    foreach (string path in new[] { folder, folder + "-whole" }.Where(Directory.Exists))
    {
        Directory.Delete(path, recursive: true);
    }
}

Model NewModel()
{
    torch.manual_seed(1);
    return new ModuleModel(new CharacterGru(data.Training.Shape.Outputs, width: 64));
}

RunStopped Train(Model model, TrainingOptions settings, string directory, CancellationToken cancellation, Action<long>? atStep = null)
{
    var store = new CheckpointStore(directory);
    using var trainer = new Trainer(model, data, batchSize: 16, settings) { Checkpoints = store, Observers = [new Lines(atStep)] };
    if (store.Steps.Count > 0)
    {
        trainer.Restore(store.OpenNewest(Console.Error.WriteLine));
    }

    return trainer.Run(cancellation);
}
