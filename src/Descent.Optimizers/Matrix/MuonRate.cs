namespace Descent.Optimizers;

/// <summary>How Muon's learning rate follows a matrix's shape.</summary>
public enum MuonRate
{
    /// <summary>√max(1, rows/columns): Jordan's. Rates around 0.02.</summary>
    Original,

    /// <summary>0.2·√max(rows, columns): the update is as large as AdamW's usually is, whose rate then serves (Liu et al. 2025).</summary>
    MatchRmsAdamw,
}
