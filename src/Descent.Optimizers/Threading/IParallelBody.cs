namespace Descent.Optimizers;

/// <summary>Work that is cut into independent items. One long-lived object, so that running it allocates nothing.</summary>
public interface IParallelBody
{
    /// <summary>Does one item; called from several threads at once, once for every item.</summary>
    /// <param name="item">The item's number, from 0.</param>
    void Execute(int item);
}
