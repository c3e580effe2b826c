using Descent.Cli.Studies;

namespace Descent.Cli.Tests.Studies;

public sealed class StudyOriginTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("postgres://tuner:secret@server:5432/descent?sslmode=require", "postgres://tuner@server:5432/descent?sslmode=require")]
    [InlineData("postgresql://tuner@server/descent?password=secret&sslmode=require", "postgresql://tuner@server/descent?sslmode=require")]
    [InlineData("postgres:///descent?host=/run/postgresql&Password=secret", "postgres:///descent?host=/run/postgresql&")]
    [InlineData("postgres://tuner@server/descent", "postgres://tuner@server/descent")]
    [InlineData("sqlite:/tmp/journal.db", "sqlite:/tmp/journal.db")]
    [InlineData(null, null)]
    public void Write_KeepsTheJournalButNoPassword(string? url, string? kept)
    {
        new StudyOrigin("tales", url).Write(_folder.Path);

        Assert.Equal(new StudyOrigin("tales", kept), StudyOrigin.Read(_folder.Path));
        Assert.DoesNotContain("secret", File.ReadAllText(_folder["study.json"]));
    }

    [Fact]
    public void Read_OfAFolderWithoutOne_IsNone() => Assert.Null(StudyOrigin.Read(_folder.Path));
}
