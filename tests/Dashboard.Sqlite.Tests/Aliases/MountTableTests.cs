using Dashboard.Sqlite.Files;
using Xunit;

namespace Dashboard.Sqlite.Tests.Aliases;

/// <summary>Lines as Docker, Podman, Kubernetes, systemd and btrfs make them.</summary>
public sealed class MountTableTests
{
    private const string Docker =
        """
        1184 1042 0:73 / / rw,relatime master:488 - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/AA:/var/lib/docker/overlay2/l/BB,upperdir=/var/lib/docker/overlay2/cc/diff
        1185 1184 0:76 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw
        1201 1184 8:1 /var/lib/docker/containers/5f/resolv.conf /etc/resolv.conf rw,relatime - ext4 /dev/sda1 rw,discard,errors=remount-ro
        1204 1184 8:1 /srv/app/shop.db /data/shop.db rw,relatime - ext4 /dev/sda1 rw,discard,errors=remount-ro
        1205 1184 8:1 /srv/files /files ro,relatime - ext4 /dev/sda1 rw,discard,errors=remount-ro
        """;

    private const string Podman =
        """
        652 590 0:55 / / rw,relatime - fuse.fuse-overlayfs fuse-overlayfs rw,user_id=0,group_id=0
        668 652 0:32 /@home/anna/My\040shop/a\134b.db /data/shop.db rw,nosuid,nodev,relatime - btrfs /dev/nvme0n1p3 rw,ssd,space_cache=v2,subvolid=256,subvol=/@home
        669 652 0:32 /@home/anna/old.db//deleted /data/old.db rw,nosuid,nodev,relatime - btrfs /dev/nvme0n1p3 rw,ssd,subvolid=256,subvol=/@home
        """;

    private const string Host =
        """
        22 27 0:21 / /proc rw,relatime - proc proc rw
        27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
        61 27 0:32 /@home /home rw,relatime shared:31 - btrfs /dev/nvme0n1p3 rw,ssd,subvolid=256,subvol=/@home
        62 27 8:33 / /mnt/usb ro,relatime shared:33 - ext4 /dev/sdc1 ro
        63 27 8:17 / /srv rw,relatime shared:35 master:9 propagate_from:2 - xfs /dev/sdb1 rw,attr2
        64 63 8:17 /kube/pods/vol-1 /srv rw,relatime - xfs /dev/sdb1 rw,attr2
        """;

    [Theory]
    [InlineData(Docker, "/data/shop.db", "/srv/app/shop.db", 8, 1)]
    [InlineData(Docker, "/files/a/b.db", "/srv/files/a/b.db", 8, 1)]
    [InlineData(Docker, "/data/other.db", "/data/other.db", 0, 73)]
    [InlineData(Podman, "/data/shop.db", "/@home/anna/My shop/a\\b.db", 0, 32)]
    [InlineData(Host, "/home/anna/My shop/a\\b.db", "/@home/anna/My shop/a\\b.db", 0, 32)]
    [InlineData(Host, "/srv2/x.db", "/srv2/x.db", 254, 0)]
    [InlineData(Host, "/srv/x.db", "/kube/pods/vol-1/x.db", 8, 17)]
    [InlineData(Host, "/mnt/usb/x.db", "/x.db", 8, 33)]
    public void A_file_is_found_on_its_mount_with_its_path_in_the_file_system(string table, string path, string within, int major, int minor)
    {
        var mount = MountTable.Find(MountTable.Parse(table), path)!;

        Assert.Equal(within, mount.PathWithin(path));
        Assert.Equal(FileId.NumberOf((uint)major, (uint)minor), mount.Device);
    }

    [Theory]
    [InlineData(Docker, "/data/shop.db", true)]
    [InlineData(Docker, "/files/a.db", false)]
    [InlineData(Podman, "/data/old.db", true)]
    [InlineData(Host, "/srv/x.db", false)]
    public void A_file_that_is_mounted_alone_is_told_from_one_in_a_mounted_folder(string table, string path, bool isAlone) =>
        Assert.Equal(isAlone, MountTable.Find(MountTable.Parse(table), path)!.Point == path);

    [Theory]
    [InlineData(Docker, "/files/a.db", true)]
    [InlineData(Docker, "/data/shop.db", false)]
    [InlineData(Host, "/mnt/usb/x.db", true)]
    [InlineData(Host, "/srv/x.db", false)]
    public void A_mount_that_cannot_be_written_is_told(string table, string path, bool isReadOnly) =>
        Assert.Equal(isReadOnly, MountTable.Find(MountTable.Parse(table), path)!.IsReadOnly);

    [Fact]
    public void A_mounted_file_that_was_replaced_where_it_came_from_is_told() =>
        Assert.Equal(["/data/old.db"], MountTable.Parse(Podman).Where(mount => mount.IsOfDeleted).Select(mount => mount.Point));

    [Theory]
    [InlineData("")]
    [InlineData("no mount at all")]
    [InlineData("1 2 3 / / rw")]
    [InlineData("1 2 x:y / / rw - ext4 /dev/sda rw")]
    public void What_is_no_line_is_left_out(string text) => Assert.Empty(MountTable.Parse(text));
}
