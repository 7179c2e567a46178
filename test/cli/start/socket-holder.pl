# Holds sockets open while one process after another serves them, as systemd does: socket-holder.pl NAME:KIND:PORT… -- COMMAND…
# A line on standard input starts the command (`start`) or ends it (`stop`, answered when it has ended).
use strict;
use warnings;
use POSIX ();
use Socket;

$| = 1;
my (@names, @sockets);
while (@ARGV and (my $spec = shift @ARGV) ne '--') {
    my ($name, $kind, $port) = split /:/, $spec;
    socket(my $socket, PF_INET, $kind eq 'udp' ? SOCK_DGRAM : SOCK_STREAM, 0) or die "socket: $!";
    setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1) or die "setsockopt: $!";
    bind($socket, sockaddr_in($port, INADDR_LOOPBACK)) or die "bind $port: $!";
    if ($kind eq 'tcp') { listen($socket, 128) or die "listen: $!" }
    push @names, $name;
    push @sockets, $socket;
}

my $child = 0;
while (my $line = <STDIN>) {
    if ($line =~ /^start/) {
        $child = fork();
        next if $child;
        # First out of the way, then to their places: a place may be that of another one.
        POSIX::dup2(fileno($sockets[$_]), 100 + $_) for 0 .. $#sockets;
        POSIX::dup2(100 + $_, 3 + $_) for 0 .. $#sockets;
        POSIX::close(100 + $_) for 0 .. $#sockets;
        @ENV{qw(LISTEN_PID LISTEN_FDS LISTEN_FDNAMES)} = ($$, scalar @sockets, join ':', @names);
        open STDIN, '<', '/dev/null';
        exec @ARGV or die "exec: $!";
    }
    kill 'TERM', $child;
    waitpid $child, 0;
    $child = 0;
    print 'ended ', $? >> 8, "\n";
}
if ($child) { kill 'KILL', $child; waitpid $child, 0 }
