namespace Descent.Training.Data;

/// <summary>What a table's target column is taken for.</summary>
public enum TableTask
{
    /// <summary>Text, or at most 32 different whole numbers, are classes; all else are numbers to predict.</summary>
    Auto,

    /// <summary>Every different value of the target is a class.</summary>
    Classification,

    /// <summary>The target is a number.</summary>
    Regression,
}
