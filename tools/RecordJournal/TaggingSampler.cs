using Descent.Tuning;
using Descent.Tuning.Samplers;

namespace Descent.Tools.RecordJournal;

/// <summary>Random points, some of them with parents and tags.</summary>
internal sealed class TaggingSampler : ISampler
{
    private readonly RandomSampler _random = new();

    public Proposal Propose(TrialHistory history, SearchSpace space, CounterRandom random) => _random.Propose(history, space, random) with
    {
        Parent = history.Trials.Count % 3 == 2 ? 0 : null,
        Tag = history.Trials.Count % 2 == 1 ? "{\"generation\":1}" : null,
    };
}
