using System.Globalization;
using Descent.Optimizers;
using Microsoft.Win32.SafeHandles;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace Descent.Torch.Tests;

/// <summary>Tensors in a scratch file: the same values as in memory, memory that comes back, and clear errors.</summary>
public sealed class MappedArenaTests
{
    [Theory]
    [InlineData(StateFormat.Float32, ScalarType.Float32)]
    [InlineData(StateFormat.Int8, ScalarType.Float32)]
    [InlineData(StateFormat.Int8, ScalarType.BFloat16)]
    public void TrainsToTheSameBitsAsInMemory(StateFormat format, ScalarType type)
    {
        using var folder = new TemporaryFolder();
        using var arena = MappedArena.Create(folder.Path);
        float[] inMemory = Train(null, format, type);
        float[] mapped = Train(arena, format, type);
        Assert.Equal(inMemory, mapped);
    }

    [Fact]
    public void ReleaseGivesTheMemoryBackAndKeepsTheValues()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the kernel is advised on Linux only");
        using var folder = new TemporaryFolder();
        using var arena = MappedArena.Create(folder.Path);
        using Tensor tensor = arena.Allocate([64 << 20], ScalarType.Byte);
        tensor.fill_(7);
        long before = MappedBytes();
        MappedArena.Release(tensor);

        // 64 MiB were there; other mapped files of the process may come and go by a few.
        Assert.InRange(before - MappedBytes(), 56L << 20, 72L << 20);
        Assert.Equal(7L << 26, tensor.sum(ScalarType.Int64).item<long>());
    }

    [Fact]
    public void DisposingATensorGivesItsSpaceBack()
    {
        using var folder = new TemporaryFolder();
        using var arena = MappedArena.Create(folder.Path);
        Tensor tensor = arena.Allocate([1 << 20], ScalarType.Float32);
        Assert.Equal(4L << 20, arena.Bytes);
        tensor.Dispose();
        Assert.Equal(0, arena.Bytes);
    }

    [Fact]
    public void AFullDiskIsAnErrorThatSaysHowMuchIsMissing()
    {
        using var folder = new TemporaryFolder();
        using var arena = MappedArena.Create(folder.Path);
        long more = new DriveInfo(folder.Path).AvailableFreeSpace + (1L << 40);
        IOException full = Assert.Throws<IOException>(() => arena.Allocate([more], ScalarType.Byte));
        Assert.Contains("the disk is full", full.Message, StringComparison.Ordinal);

        using var late = new MappedArena(folder.Path, static (SafeFileHandle _, long _, long _) => MappedCalls.NoSpace);
        Assert.Contains("the disk is full", Assert.Throws<IOException>(() => late.Allocate([1 << 20], ScalarType.Byte)).Message, StringComparison.Ordinal);
        Assert.Equal(0, late.Bytes);
    }

    [Fact]
    public void AShortenedFileIsNoticed()
    {
        using var folder = new TemporaryFolder();
        SafeFileHandle? file = null;
        using var arena = new MappedArena(folder.Path, (handle, offset, length) =>
        {
            file = handle;
            return MappedCalls.Grow(handle, offset, length);
        });
        using Tensor tensor = arena.Allocate([1 << 20], ScalarType.Byte);
        arena.RequireWhole();
        RandomAccess.SetLength(file!, 1000);
        Assert.Contains("shortened", Assert.Throws<IOException>(arena.RequireWhole).Message, StringComparison.Ordinal);
    }

    private static float[] Train(MappedArena? arena, StateFormat format, ScalarType type)
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        Tensor start = randn(96, 128);
        Tensor stored = arena?.Allocate([96, 128], type) ?? zeros([96, 128], type);
        stored.copy_(start);
        var parameter = new Parameter(stored);
        Assert.Equal(arena is not null, MappedArena.Holds(parameter));
        using FusedOptimizer optimizer = FusedOptimizer.Create([("w", parameter)], new AdamWOptions { LearningRate = 1e-2 }).WithStates(format);
        _ = arena is null ? optimizer : optimizer.WithStorage(arena);
        for (int step = 0; step < 5; step++)
        {
            parameter.grad = randn(96, 128).to(type);
            optimizer.step();
            MappedArena.Prefetch(parameter);
            MappedArena.Release(parameter);
            foreach (Tensor state in optimizer.StateTensors("w"))
            {
                Assert.Equal(arena is not null && state.numel() * state.element_size() >= 4096, MappedArena.Holds(state));
                MappedArena.Release(state);
            }
        }

        float[] values = parameter.detach().to(ScalarType.Float32).data<float>().ToArray();
        parameter.Dispose();
        return values;
    }

    private static long MappedBytes() => 1024 * File.ReadLines("/proc/self/status")
        .Where(static line => line.StartsWith("RssFile:", StringComparison.Ordinal) || line.StartsWith("RssShmem:", StringComparison.Ordinal))
        .Sum(static line => long.Parse(line.Split(':')[1].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture));
}
