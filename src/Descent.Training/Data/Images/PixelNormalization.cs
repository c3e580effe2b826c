namespace Descent.Training.Data;

/// <summary>How a pixel byte 0 … 255 becomes a number.</summary>
public enum PixelNormalization
{
    /// <summary>(x / 255 − mean) / deviation, both measured a channel over the training images.</summary>
    Standard,

    /// <summary>x / 255: 0 … 1.</summary>
    Unit,

    /// <summary>x as it is: 0 … 255.</summary>
    None,
}
