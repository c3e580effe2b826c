namespace Descent.Optimizers;

/// <summary>The widest register a kernel may use. Every width gives the same bits, so this is for tests and measurements.</summary>
public enum LaneWidth
{
    /// <summary>The widest that this processor has.</summary>
    Widest,

    /// <summary>One element at a time: the reference.</summary>
    Scalar,

    /// <summary>Registers of 128 bits.</summary>
    Bits128,

    /// <summary>Registers of 256 bits; emulated where the processor has none.</summary>
    Bits256,

    /// <summary>Registers of 512 bits; emulated where the processor has none.</summary>
    Bits512,
}
