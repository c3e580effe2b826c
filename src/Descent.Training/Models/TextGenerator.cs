using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Models;

/// <summary>
/// Continues token sequences with a <see cref="GptModel"/>. Keys and values of earlier tokens are kept, so a token costs one position's work. When
/// the model's context is full, generation goes on from the last half of it.
/// </summary>
public sealed class TextGenerator
{
    private readonly GptModel _model;

    /// <summary>Creates a generator.</summary>
    /// <param name="model">The model; it is put into evaluation mode while generating.</param>
    public TextGenerator(GptModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
    }

    /// <summary>Generates tokens one by one.</summary>
    /// <param name="prompt">The tokens to continue, at least one; of more than the context only the last are seen.</param>
    /// <param name="options">Length and sampling.</param>
    /// <returns>The new tokens, each when it is there.</returns>
    /// <exception cref="BadInputException">The prompt is empty or holds a token that the model doesn't know.</exception>
    public IEnumerable<int> Generate(IReadOnlyList<int> prompt, GenerationOptions options)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(options);
        if (prompt.Count == 0)
        {
            throw new BadInputException("The prompt is empty; give at least one token to continue.");
        }

        int unknown = prompt.FirstOrDefault(token => token < 0 || token >= _model.Vocabulary);
        return prompt.All(token => token >= 0 && token < _model.Vocabulary)
            ? Run([.. prompt], options)
            : throw new BadInputException($"The prompt holds token {unknown}; the model knows {_model.Vocabulary}, 0 to {_model.Vocabulary - 1}.");
    }

    private IEnumerable<int> Run(List<int> tokens, GenerationOptions options)
    {
        bool wasTraining = _model.training;
        _model.eval();
        KeyValueCache[] caches = _model.NewCaches();
        try
        {
            var sampler = new TokenSampler(options);
            int seen = Math.Max(0, tokens.Count - _model.Context);
            for (int i = 0; i < options.MaximumTokens; i++)
            {
                if (caches[0].Length + tokens.Count - seen > _model.Context)
                {
                    Array.ForEach(caches, cache => cache.Clear());
                    seen = tokens.Count - Math.Max(1, _model.Context / 2);
                }

                int next = sampler.Next(Logits([.. tokens.Skip(seen)], caches));
                seen = tokens.Count;
                tokens.Add(next);
                yield return next;
            }
        }
        finally
        {
            Array.ForEach(caches, cache => cache.Dispose());
            _model.train(wasTraining);
        }
    }

    private float[] Logits(long[] tokens, KeyValueCache[] caches)
    {
        using DisposeScope scope = NewDisposeScope();
        Device device = _model.Head.Weight.device;
        Tensor tokens_1T = tensor(tokens, device: device).unsqueeze(0);
        return _model.Decode(tokens_1T, caches).to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
    }
}
