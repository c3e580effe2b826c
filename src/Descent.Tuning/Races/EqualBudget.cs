namespace Descent.Tuning.Races;

/// <summary>What is the same for all contenders when their settings are searched.</summary>
public enum EqualBudget
{
    /// <summary>The number of trials: each may try as many points, however long one takes.</summary>
    Trials,

    /// <summary>The time: one that is quick may try more points.</summary>
    Seconds,
}
