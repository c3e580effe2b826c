using System.Text;
using Xunit;

namespace Descent.Torch.Tests.Native;

public sealed class VersionNeedsTests
{
    private static byte[] Bridge() => File.ReadAllBytes(NativeFolders.Find(NativeFolders.OfThisProcess(), "libLibTorchSharp.so")!);

    [Fact]
    public void Relax_OfTheRealBridge_ChangesTwoFlagsAndOneSymbolsVersionAndNothingElse()
    {
        var before = Bridge();
        var after = VersionNeeds.Relax(Bridge());

        Assert.Equal(before.Length, after.Length);
        var changed = Enumerable.Range(0, before.Length).Where(i => before[i] != after[i]).ToArray();
        Assert.Equal(3, changed.Length);
        // Two flags went from 0 to VER_FLG_WEAK; the third is the wait symbol's version, in .gnu.version before .gnu.version_r.
        Assert.All(changed[1..], i => Assert.Equal((0, 2), (before[i], after[i])));
        Assert.True(changed[0] < changed[1]);
    }

    [Fact]
    public void Relax_FlagsTheEntriesOfTheTwoVersionsByTheirHash()
    {
        var after = VersionNeeds.Relax(Bridge());

        Assert.Equal(2, FlagsOf(after, "GLIBCXX_3.4.32"));
        Assert.Equal(2, FlagsOf(after, "GLIBCXX_3.4.30"));
        Assert.Equal(0, FlagsOf(after, "GLIBCXX_3.4.29"));
    }

    [Fact]
    public void Relax_Twice_ChangesNothingMore() =>
        Assert.Equal(VersionNeeds.Relax(Bridge()), VersionNeeds.Relax(VersionNeeds.Relax(Bridge())));

    [Fact]
    public void Relax_OfSomethingElse_Refuses()
    {
        Assert.Throws<InvalidDataException>(() => VersionNeeds.Relax("MZ is not the magic of ELF"u8.ToArray()));
        Assert.Throws<InvalidDataException>(() => VersionNeeds.Relax([]));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(64)]
    [InlineData(100_000)]
    [InlineData(2_000_000)]
    public void Relax_OfATruncatedLibrary_Refuses(int length) =>
        Assert.Throws<InvalidDataException>(() => VersionNeeds.Relax(Bridge()[..length]));

    // An independent look: the entry {hash, flags, index, name, next} starts with the System V hash of its name.
    private static int FlagsOf(byte[] image, string version)
    {
        uint hash = 0;
        foreach (var c in Encoding.ASCII.GetBytes(version))
        {
            hash = (hash << 4) + c;
            var high = hash & 0xf0000000;
            hash = (hash ^ (high >> 24)) & ~high;
        }

        var at = image.AsSpan().IndexOf(BitConverter.GetBytes(hash));
        Assert.True(at > 0, $"no entry for {version}");
        return BitConverter.ToUInt16(image, at + 4);
    }
}
