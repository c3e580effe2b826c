namespace Descent.Optimizers;

/// <summary>How a rate comes down, as a function of the part x of the decay that is over.</summary>
public enum DecayShape
{
    /// <summary>1 − √x.</summary>
    OneMinusSqrt,

    /// <summary>1 − x.</summary>
    Linear,

    /// <summary>(1 + cos πx)/2.</summary>
    Cosine,
}
