namespace Descent.Optimizers;

/// <summary>A lane that reads and writes <see cref="Width"/> neighbouring elements of memory.</summary>
/// <typeparam name="TSelf">The implementing type.</typeparam>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
internal unsafe interface IMemoryLane<TSelf, T> : ILane<TSelf>
    where TSelf : struct, IMemoryLane<TSelf, T>
    where T : unmanaged
{
    /// <summary>Elements in one lane.</summary>
    static abstract int Width { get; }

    /// <summary>Reads <see cref="Width"/> elements; no alignment is needed.</summary>
    static abstract TSelf Load(T* source);

    /// <summary>Writes <see cref="Width"/> elements; no alignment is needed.</summary>
    static abstract void Store(TSelf value, T* destination);
}
