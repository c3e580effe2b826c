namespace Descent.Optimizers;

/// <summary>What a pass reads or writes, so that it moves no memory that its formula doesn't need.</summary>
[Flags]
internal enum Streams
{
    None = 0,
    Parameter = 1,
    Gradient = 2,
    State0 = 4,
    State1 = 8,
    State2 = 16,
    State3 = 32,
}
