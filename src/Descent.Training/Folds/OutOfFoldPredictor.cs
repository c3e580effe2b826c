using System.Globalization;
using Descent.Training.Data;
using Descent.Training.Losses;
using Descent.Training.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Folds;

/// <summary>Asks a trained model about held-out samples.</summary>
internal sealed class OutOfFoldPredictor(Model model, Loss loss, DataSplit data, int batchSize)
{
    // Predictions are computed in single precision.
    private const string Digits = "G7";

    private readonly DataShape _shape = data.Validation.Shape;

    public OutOfFold Predict(int fold, int repeat)
    {
        bool training = model.training;
        model.eval();
        try
        {
            using IDisposable noGrad = no_grad();
            var rows = new List<OutOfFoldRow>(checked((int)data.Validation.Count));
            foreach (Batch batch in BatchLoader.Pass(data.Validation, batchSize))
            {
                using DisposeScope scope = NewDisposeScope();
                using (batch)
                {
                    foreach (string[] values in Values(batch))
                    {
                        rows.Add(new OutOfFoldRow(data.ValidationRows?[rows.Count] ?? rows.Count, fold, repeat, values));
                    }
                }
            }

            return new OutOfFold(Columns(), rows);
        }
        finally
        {
            model.train(training);
        }
    }

    private string[] Columns() => _shape.Task switch
    {
        TaskKind.LanguageModel => ["tokens", "bytes", "loss"],
        TaskKind.Classification => ["target", "prediction", .. Enumerable.Range(0, _shape.Outputs).Select(number => $"probability_{ClassName(number)}")],
        _ when _shape.Outputs == 1 => ["target", "prediction"],
        _ => [.. Numbered("target"), .. Numbered("prediction")],
    };

    private IEnumerable<string> Numbered(string name) => Enumerable.Range(0, _shape.Outputs).Select(number => $"{name}_{number}");

    private IEnumerable<string[]> Values(Batch batch) => _shape.Task switch
    {
        TaskKind.LanguageModel => Windows(batch),
        TaskKind.Classification => Classes(batch),
        _ => Numbers(batch),
    };

    private string[][] Classes(Batch batch)
    {
        double[] probabilities_BC = Read(model.call(batch.Inputs).to(ScalarType.Float64).softmax(-1));
        long[] targets = batch.Targets.data<long>().ToArray();
        return [.. targets.Select((target, sample) =>
        {
            ReadOnlySpan<double> ofSample = probabilities_BC.AsSpan(sample * _shape.Outputs, _shape.Outputs);
            int likeliest = 0;
            for (int i = 1; i < ofSample.Length; i++)
            {
                likeliest = ofSample[i] > ofSample[likeliest] ? i : likeliest;
            }

            return (string[])[ClassName(target), ClassName(likeliest), .. ofSample.ToArray().Select(Text)];
        })];
    }

    private string[][] Numbers(Batch batch)
    {
        double[] predictions = Read(model.call(batch.Inputs).to(ScalarType.Float64)), targets = Read(batch.Targets.to(ScalarType.Float64));
        string[] Of(double[] values, int sample) => [.. values.AsSpan(sample * _shape.Outputs, _shape.Outputs).ToArray().Select(value => Text((value * _shape.TargetScale) + _shape.TargetMean))];
        return [.. Enumerable.Range(0, batch.Samples).Select(sample => (string[])[.. Of(targets, sample), .. Of(predictions, sample)])];
    }

    // The body runs for the whole batch, the head for each window: the losses of a batch are one sum.
    private string[][] Windows(Batch batch)
    {
        Tensor body = model.Body(batch.Inputs);
        var windows = new string[batch.Samples][];
        for (int sample = 0; sample < windows.Length; sample++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor targets_1T = batch.Targets.narrow(0, sample, 1);
            using LossValue value = loss.ComputeFromBody(model, body.narrow(0, sample, 1), targets_1T);
            windows[sample] =
            [
                batch.Targets.shape[1].ToString(CultureInfo.InvariantCulture),
                targets_1T.data<long>().ToArray().Sum(target => data.Tokenizer is { } tokenizer ? tokenizer.ByteLength((int)target) : 0).ToString(CultureInfo.InvariantCulture),
                Text(value.Mean),
            ];
        }

        return windows;
    }

    private string ClassName(long number) => _shape.ClassNames is { } names ? names[(int)number] : number.ToString(CultureInfo.InvariantCulture);

    private static double[] Read(Tensor values) => values.cpu().contiguous().data<double>().ToArray();

    private static string Text(double value) => value.ToString(Digits, CultureInfo.InvariantCulture);
}
