namespace Descent.Optimizers;

/// <summary>Where the blocks of a tensor end that share one number.</summary>
/// <param name="WholeTensors">One block a tensor, but for attention heads.</param>
/// <param name="SeparateTables">Embeddings and heads have a number for every element.</param>
internal sealed record BlockPartition(bool WholeTensors, bool SeparateTables)
{
    public bool IsSeparate(in TensorSlot slot) => SeparateTables && slot.Table;

    /// <summary>How many numbers a tensor has.</summary>
    public long Count(TensorSlot slot)
    {
        if (IsSeparate(slot) || slot.Length == 0)
        {
            return slot.Length;
        }

        (long headed, _, long others, _) = Of(slot);
        return headed + others;
    }

    /// <summary>Blocks in attention heads, which come first, and the others.</summary>
    public (long Headed, long HeadLength, long Others, long OtherLength) Of(in TensorSlot slot)
    {
        long units = Math.Max(1, slot.Units);
        long unit = slot.Length / units;
        long headed = slot.HeadRows > 0 ? slot.HeadedRows / slot.HeadRows : 0;
        long left = units - (headed * Math.Max(1, slot.HeadRows));
        return WholeTensors
            ? (headed, slot.HeadRows * unit, left > 0 ? 1 : 0, left * unit)
            : (headed, slot.HeadRows * unit, left, unit);
    }
}
