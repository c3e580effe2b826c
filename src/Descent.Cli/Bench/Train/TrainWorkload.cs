using Descent.Training.Data;

namespace Descent.Cli.Bench;

/// <summary>The work every variant does: GPT-2 small, fp32, AdamW with weight decay, a few random tokens a step.</summary>
/// <param name="Batch">Sequences a step.</param>
/// <param name="Context">Tokens a sequence.</param>
/// <param name="Steps">Measured steps.</param>
/// <param name="WarmUp">Steps before them.</param>
internal sealed record TrainWorkload(int Batch, int Context, int Steps, int WarmUp)
{
    public const int Vocabulary = 50257;
    public const int Positions = 1024;
    public const int Width = 768;
    public const int Heads = 12;
    public const int Layers = 12;
    public const double LearningRate = 3e-4;
    public const double WeightDecay = 0.1;

    /// <summary>Random tokens as a data set: speed and memory do not depend on what they say.</summary>
    public IDataset RandomTokens() => new Tokens(Context);

    private sealed class Tokens(int context) : IDataset
    {
        public DataShape Shape { get; } = new()
        {
            Task = TaskKind.LanguageModel,
            InputShape = [context],
            Outputs = Vocabulary,
            Context = context,
        };

        public long Count => 1 << 20;

        public void Fill(ReadOnlySpan<long> samples, HostBatch batch, EpochKey epoch)
        {
            for (int sample = 0; sample < samples.Length; sample++)
            {
                for (int i = 0; i < context; i++)
                {
                    int at = (sample * context) + i;
                    batch.Tokens[at] = Token(samples[sample], i);
                    batch.Labels[at] = Token(samples[sample], i + 1);
                }
            }
        }

        // Knuth's multiplicative hash: any spread of tokens will do.
        private static long Token(long sample, int place) => (long)(unchecked((ulong)((sample * 4099) + place) * 11400714819323198485UL) % Vocabulary);
    }
}
