namespace Descent.Training;

/// <summary>Why a run ended.</summary>
public enum StopReason
{
    /// <summary>The number of steps was reached.</summary>
    Steps,

    /// <summary>The number of epochs was reached.</summary>
    Epochs,

    /// <summary>The time budget was used up.</summary>
    Minutes,

    /// <summary>The target metric was reached.</summary>
    Target,

    /// <summary>The metric stopped improving for as many validations as patience allows.</summary>
    Patience,

    /// <summary>The user interrupted; a checkpoint was written.</summary>
    Interrupted,

    /// <summary>The loss or a gradient became infinite or NaN.</summary>
    NonFinite,

    /// <summary>Memory ran out; a checkpoint was written before.</summary>
    Memory,
}
