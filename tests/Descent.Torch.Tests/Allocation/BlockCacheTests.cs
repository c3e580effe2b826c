using Xunit;

namespace Descent.Torch.Tests;

public sealed class BlockCacheTests
{
    private const int Mebibyte = 1 << 20;

    private readonly List<nint> _mapped = [];
    private readonly BlockCache _cache;
    private nint _next = 1 << 20;
    private bool _full;

    public BlockCacheTests() => _cache = new BlockCache(Map, (address, _) => Assert.True(_mapped.Remove(address))) { Keeps = true };

    [Theory]
    [InlineData(1u, 1u << 16)]
    [InlineData(Mebibyte, Mebibyte)]
    [InlineData(Mebibyte + 1, Mebibyte + (1 << 16))]
    [InlineData((100 * Mebibyte) + 1, 104 * Mebibyte)]
    public void SizeOf_RoundsUpToASixteenth(uint bytes, uint size) => Assert.Equal((nuint)size, BlockCache.SizeOf(bytes));

    [Fact]
    public void Take_OfASizeThatWasFreed_GivesTheBlockThatWasFreedLast()
    {
        nint first = _cache.Take(4 * Mebibyte), second = _cache.Take(4 * Mebibyte);
        Assert.True(_cache.Return(first));
        Assert.True(_cache.Return(second));
        Assert.Equal(second, _cache.Take(4 * Mebibyte));
        Assert.Equal(first, _cache.Take(4 * Mebibyte));
        Assert.Equal(2, _mapped.Count);
    }

    /// <summary>Requests of any order: the process never has more than a sixteenth above what ever lived at once.</summary>
    [Fact]
    public void Take_AndReturn_NeverHoldMoreThanTheHighestPointNeeded()
    {
        var random = new Random(7);
        var live = new List<nint>();
        for (int i = 0; i < 5000; i++)
        {
            if (live.Count > 0 && random.Next(5) < 2 + (i / 1000 % 2))
            {
                int index = random.Next(live.Count);
                Assert.True(_cache.Return(live[index]));
                live.RemoveAt(index);
            }
            else
            {
                live.Add(_cache.Take((nuint)random.Next(Mebibyte, 32 * Mebibyte)));
            }

            Assert.Equal(live.Count, live.Distinct().Count());
            Assert.True(_cache.Live + _cache.Waiting <= _cache.Peak * (1 + BlockCache.Slack) + 1);
            Assert.True(_cache.Live <= _cache.Peak);
        }

        live.ForEach(address => Assert.True(_cache.Return(address)));
        Assert.Equal(0, _cache.Live);
        _cache.Keeps = false;
        Assert.Equal(0, _cache.Waiting);
        Assert.Empty(_mapped);
    }

    /// <summary>A step that does what the one before did finds all it wants.</summary>
    [Fact]
    public void Take_OfTheSameStepAgain_MapsNothing()
    {
        Step();
        int mapped = _maps;
        Step();
        Assert.Equal(mapped, _maps);

        void Step()
        {
            nint[] blocks = [.. Enumerable.Range(1, 12).Select(i => _cache.Take((nuint)(i * Mebibyte)))];
            Array.ForEach(blocks, address => _cache.Return(address));
        }
    }

    [Fact]
    public void Return_WithoutKeeping_GivesBackAtOnce()
    {
        _cache.Keeps = false;
        Assert.True(_cache.Return(_cache.Take(Mebibyte)));
        Assert.Empty(_mapped);
        Assert.False(_cache.Return(12345));
    }

    [Fact]
    public void Take_WhereThereIsNoMemory_GivesBackWhatWaitsFirst()
    {
        Assert.True(_cache.Return(_cache.Take(8 * Mebibyte)));
        _full = true;
        Assert.NotEqual(0, _cache.Take(2 * Mebibyte));
        Assert.Equal(0, _cache.Waiting);
        _full = true;
        Assert.Equal(0, _cache.Take(2 * Mebibyte));
    }

    private int _maps;

    // A full machine has room again once something was given back.
    private nint Map(nuint bytes)
    {
        _maps++;
        if (_full)
        {
            _full = false;
            if (_cache.Waiting > 0 || _cache.Live > 0)
            {
                _full = _cache.Waiting == 0;
                return 0;
            }
        }

        _next += (nint)bytes;
        _mapped.Add(_next);
        return _next;
    }
}
