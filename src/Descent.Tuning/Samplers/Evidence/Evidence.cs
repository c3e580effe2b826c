namespace Descent.Tuning.Samplers;

/// <summary>
/// What a study's finished trials say, as rows and losses that a model can be fitted to; grows with the history and is the same as one built anew.
/// </summary>
/// <remarks>
/// Every finished trial is a row. They are ordered from good to bad in four classes: complete and within the limits by loss, pruned ones by how far they came and
/// the loss they had reported there, complete ones that break limits by how much, and last those that failed or ended in NaN or infinity. A trial that failed is
/// evidence against its point: an experiment that runs out of memory does so again.
/// With several objectives, complete trials are ordered by the front they lie on, and within it from lonely to crowded (NSGA-II's order).
/// </remarks>
internal sealed class Evidence
{
    private readonly TrialHistory _history;
    private readonly List<EvidenceRow> _rows = [];
    private readonly Comparer<int> _byRank;
    private List<int> _order = [];

    public Evidence(TrialHistory history)
    {
        _history = history;
        _byRank = Comparer<int>.Create(Compare);
    }

    /// <summary>Finished trials in the order of their ending.</summary>
    public IReadOnlyList<EvidenceRow> Rows => _rows;

    /// <summary>Indices of <see cref="Rows"/> from best to worst; equals by age.</summary>
    public IReadOnlyList<int> Order => _order;

    /// <summary>Whether losses are places in an order of several objectives, which every new row changes.</summary>
    public bool IsRanked => _history.Directions.Count > 1;

    /// <summary>Takes in the trials that have finished since.</summary>
    public void Grow()
    {
        bool several = IsRanked;
        int first = _rows.Count;
        for (int i = first; i < _history.Finished.Count; i++)
        {
            EvidenceRow row = EvidenceRow.Of(_history, _history.Finished[i]);
            _rows.Add(row);
            if (!several)
            {
                int place = _order.BinarySearch(i, _byRank);
                _order.Insert(~place, i);
            }
        }

        if (several && _rows.Count > first)
        {
            Rank();
        }
    }

    private int Compare(int a, int b) => _rows[a].CompareTo(_rows[b]) is not 0 and int order ? order : a.CompareTo(b);

    /// <summary>Gives the complete trials of several objectives their place among each other as their loss.</summary>
    private void Rank()
    {
        int[] complete = [.. Enumerable.Range(0, _rows.Count).Where(i => _rows[i].Class == EvidenceClass.Complete)];
        int[] sorted = NonDominatedSort.Order([.. complete.Select(i => _rows[i].Losses)]);
        for (int place = 0; place < sorted.Length; place++)
        {
            _rows[complete[sorted[place]]].Loss = place;
        }

        _order = [.. Enumerable.Range(0, _rows.Count)];
        _order.Sort(_byRank);
    }
}
