using Descent.Training.Data;

namespace CrossValidateAnything;

/// <summary>A data set of one's own: readings of patients, each with habits of her own, that a number is to be predicted from.</summary>
internal sealed class Readings : IDataset
{
    private const int Each = 12;
    private const int HabitCount = 8;

    private readonly float[][] _inputs;
    private readonly float[] _values;

    public Readings(int patients)
    {
        var random = new Random(1);
        (float[] Habits, float Level)[] people = [.. Enumerable.Range(0, patients).Select(_ =>
            ((float[])[.. Enumerable.Range(0, HabitCount).Select(_ => (float)((2 * random.NextDouble()) - 1))], (float)((2 * random.NextDouble()) - 1)))];
        Patients = [.. Enumerable.Range(0, patients * Each).Select(static reading => $"patient {reading / Each}")];
        _inputs = [.. Patients.Select((_, reading) => (float[])[(float)random.NextDouble(), (float)random.NextDouble(), .. people[reading / Each].Habits])];

        // Her level is each patient's own, and nothing tells it but who she is.
        _values = [.. _inputs.Select((input, reading) => input[0] - (2 * input[1]) + people[reading / Each].Level)];
    }

    /// <summary>Whom each reading was taken from.</summary>
    public string[] Patients { get; }

    public DataShape Shape { get; } = new() { Task = TaskKind.Regression, InputShape = [2 + HabitCount], Outputs = 1 };

    public long Count => _values.Length;

    public void Fill(ReadOnlySpan<long> samples, HostBatch batch, EpochKey epoch)
    {
        for (int i = 0; i < samples.Length; i++)
        {
            _inputs[samples[i]].CopyTo(batch.Features.AsSpan(i * Shape.InputLength));
            batch.Values[i] = _values[samples[i]];
        }
    }
}
