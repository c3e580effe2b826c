using Descent.Training.Memory;
using Xunit;

namespace Descent.Training.Tests.Memory;

public sealed class ControlGroupTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("descent-groups-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Memory_VersionTwo_IsTheLeastOfAllGroupsAround()
    {
        Group("", ("memory.stat", "inactive_file 0\n"));
        Group("a", ("memory.max", "1000\n"), ("memory.current", "700\n"), ("memory.stat", "anon 1\ninactive_file 100\n"));
        Group("a/b", ("memory.max", "max\n"));

        Assert.Equal((1000, 400), Of("0::/a/b\n").Memory());
    }

    [Fact]
    public void Memory_VersionOne_ReadsTheMemoryHierarchy()
    {
        Group("memory/a", ("memory.limit_in_bytes", "2000\n"), ("memory.usage_in_bytes", "1500\n"), ("memory.stat", "inactive_file 1\ntotal_inactive_file 50\n"));
        Group("memory", ("memory.limit_in_bytes", "9223372036854771712\n"));

        Assert.Equal((2000, 550), Of("3:cpuset:/x\n4:memory:/a\n0::/\n").Memory());
    }

    [Fact]
    public void Memory_PathFromOutsideAContainer_ReadsTheRoot()
    {
        Group("", ("memory.max", "3000\n"), ("memory.current", "4000\n"), ("memory.stat", "inactive_file 0\n"));

        Assert.Equal((3000, 0), Of("0::/machine/container\n").Memory());
    }

    [Fact]
    public void Memory_NoGroups_IsUnlimited() => Assert.Equal((long.MaxValue, long.MaxValue), Of("").Memory());

    private ControlGroup Of(string groups)
    {
        string file = Path.Combine(_folder, "groups");
        File.WriteAllText(file, groups);
        return new ControlGroup(file, Path.Combine(_folder, "root"));
    }

    private void Group(string path, params (string Name, string Text)[] files)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_folder, "root", path)).FullName;
        foreach ((string name, string text) in files)
        {
            File.WriteAllText(Path.Combine(folder, name), text);
        }
    }
}
