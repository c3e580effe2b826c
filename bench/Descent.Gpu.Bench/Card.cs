using System.Runtime.InteropServices;

namespace Descent.Gpu.Bench;

/// <summary>The first card, in its primary context, on the default stream.</summary>
internal sealed unsafe class Card : IDisposable
{
    private const nint DefaultStream = 0;
    private const int Ordinal = 0;

    private readonly CudaDriver _driver;
    private readonly int _device;

    private Card(CudaDriver driver)
    {
        _driver = driver;
        Check(driver.Init(), "starting the driver");
        Check(driver.DeviceGetCount(out int count), "counting cards");
        if (count == 0)
        {
            throw new CudaException("The NVIDIA driver finds no card.");
        }

        Check(driver.DeviceGet(out _device, Ordinal), "finding the card");
        Check(driver.DevicePrimaryCtxRetain(out nint context, _device), "taking its primary context");
        Check(driver.CtxPushCurrent(context), "entering it");
        Launcher = new CudaLauncher(driver, static _ => DefaultStream);
    }

    /// <summary>Compiles and launches kernels.</summary>
    public CudaLauncher Launcher { get; }

    public string Name
    {
        get
        {
            byte* name = stackalloc byte[256];
            Check(CudaCalls.DeviceGetName(name, 256, _device), "asking for its name");
            return Marshal.PtrToStringUTF8((nint)name)!;
        }
    }

    /// <summary>The newest CUDA that the driver serves, such as 13.0.</summary>
    public string CudaVersion
    {
        get
        {
            Check(CudaCalls.DriverGetVersion(out int version), "asking for its version");
            return $"{version / 1000}.{version % 1000 / 10}";
        }
    }

    // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, …_MINOR and CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT
    public string ComputeCapability => $"{Attribute(75)}.{Attribute(76)}";

    public int Multiprocessors => Attribute(16);

    /// <summary>The first card.</summary>
    /// <exception cref="CudaException">There is none, or no driver.</exception>
    public static Card Open() => new(CudaDriver.TryLoad(out string missing) ?? throw new CudaException($"This needs an NVIDIA card, but {missing}."));

    /// <summary>Memory, freed with the handle.</summary>
    public SafeHandle Allocate(long bytes) => Launcher.Allocate(Ordinal, (nuint)bytes);

    public void Upload(nint target, ReadOnlySpan<byte> source) => Launcher.Upload(Ordinal, target, source);

    public void Download(nint source, Span<byte> target)
    {
        Synchronize();
        fixed (byte* bytes = target)
        {
            Check(CudaCalls.MemcpyDtoH(bytes, source, (nuint)target.Length), "copying from the card");
        }
    }

    /// <summary>Copies on the card, in the order of its work.</summary>
    public void Copy(nint target, nint source, long bytes) => Check(CudaCalls.MemcpyDtoDAsync(target, source, (nuint)bytes, DefaultStream), "copying on the card");

    /// <summary>Gives every float the same value.</summary>
    public void Fill(nint target, long count, float value) =>
        Check(CudaCalls.MemsetD32Async(target, BitConverter.SingleToUInt32Bits(value), (nuint)count, DefaultStream), "filling memory");

    public void Synchronize() => Check(CudaCalls.StreamSynchronize(DefaultStream), "its work");

    /// <summary>Milliseconds that each piece of work took on the card, in turns: all are queued at once, with events between them, so that the card never waits.</summary>
    /// <param name="work">Queues work on the default stream.</param>
    /// <param name="rounds">Measured turns, after one that isn't.</param>
    /// <returns>One sorted array for each piece of work.</returns>
    public double[][] Time(IReadOnlyList<Action> work, int rounds)
    {
        nint[] events = new nint[(2 * work.Count * rounds)];
        for (int i = 0; i < events.Length; i++)
        {
            Check(CudaCalls.EventCreate(out events[i], 0), "creating an event");
        }

        foreach (Action action in work)
        {
            action();
        }

        for (int i = 0; i < events.Length; i += 2)
        {
            Check(CudaCalls.EventRecord(events[i], DefaultStream), "recording an event");
            work[i / 2 % work.Count]();
            Check(CudaCalls.EventRecord(events[i + 1], DefaultStream), "recording an event");
        }

        Synchronize();
        double[][] times = [.. work.Select(_ => new double[rounds])];
        for (int i = 0; i < events.Length; i += 2)
        {
            Check(CudaCalls.EventElapsedTime(out float milliseconds, events[i], events[i + 1]), "reading an event");
            times[i / 2 % work.Count][i / 2 / work.Count] = milliseconds;
        }

        foreach (nint created in events)
        {
            Check(CudaCalls.EventDestroy(created), "freeing an event");
        }

        foreach (double[] each in times)
        {
            Array.Sort(each);
        }

        return times;
    }

    public void Dispose() => _driver.CtxPopCurrent(out _);

    private int Attribute(int number)
    {
        Check(CudaCalls.DeviceGetAttribute(out int value, number, _device), "asking what it is");
        return value;
    }

    private void Check(int result, string what)
    {
        if (result != 0)
        {
            throw new CudaException($"The NVIDIA driver refused {what}: {_driver.NameOf(result)}.");
        }
    }
}
