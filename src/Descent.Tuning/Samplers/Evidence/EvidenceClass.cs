namespace Descent.Tuning.Samplers;

/// <summary>How much is known of a finished trial, from best to worst.</summary>
internal enum EvidenceClass
{
    /// <summary>It has finite objectives and keeps the limits.</summary>
    Complete,

    /// <summary>It was stopped on its way.</summary>
    Pruned,

    /// <summary>It breaks limits on its results.</summary>
    Infeasible,

    /// <summary>It failed, or an objective is NaN or infinite on the bad side.</summary>
    Failed,
}
