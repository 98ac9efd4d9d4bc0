# A client that speaks the protocol by hand, so that a test decides on every message and its edges.
package Wire;
use strict;
use warnings;
use IO::Socket::UNIX;
use IO::Select;

# A connection to a server without passwords; the parameters go into the startup packet.
sub new
{
	my ($class, $node, %parameters) = @_;
	my $path = $node->host . '/.s.PGSQL.' . $node->port;
	my $socket = IO::Socket::UNIX->new(Peer => $path) or die "$path: $!";
	my $self = bless { socket => $socket, buffer => '' }, $class;
	my $body = pack('N', 196608);
	%parameters = (database => 'postgres', user => scalar(getpwuid($<)), application_name => 'wire', %parameters);
	$body .= "$_\0$parameters{$_}\0" for sort keys %parameters;
	$self->write(pack('N', length($body) + 5) . $body . "\0");
	$self->{pid} = 0;
	while (1)
	{
		my ($type, $content) = $self->receive;
		$self->{pid} = unpack('N', $content) if $type eq 'K';
		die 'refused: ' . join(' ', report($content)) if $type eq 'E';
		last if $type eq 'Z';
	}
	return $self;
}

sub pid { return shift->{pid} }

sub write
{
	my ($self, $bytes) = @_;
	local $SIG{PIPE} = 'IGNORE';
	my $done = 0;
	while ($done < length $bytes)
	{
		my $count = syswrite($self->{socket}, $bytes, length($bytes) - $done, $done);
		return 0 unless defined $count;
		$done += $count;
	}
	return 1;
}

sub message { my ($type, $body) = @_; return $type . pack('N', length($body) + 4) . $body }
sub send { my ($self, $type, $body) = @_; return $self->write(message($type, $body // '')) }
sub data { my ($self, $bytes) = @_; return $self->send('d', $bytes) }
sub done { return shift->send('c') }
sub query { my ($self, $sql) = @_; return $self->send('Q', "$sql\0") }

# The same by the extended protocol.
sub execute
{
	my ($self, $sql) = @_;
	return $self->write(message('P', "\0$sql\0" . pack('n', 0)) . message('B', "\0\0" . pack('nnn', 0, 0, 0)) . message('E', "\0" . pack('N', 0)) . message('S', ''));
}

# Type and body of the next message; an empty type at the end of the connection.
sub receive
{
	my ($self, $timeout) = @_;
	$timeout //= 60;
	my $select = IO::Select->new($self->{socket});
	while (length $self->{buffer} < 5 || length $self->{buffer} < 1 + unpack('N', substr($self->{buffer}, 1, 4)))
	{
		die 'nothing came' unless $select->can_read($timeout);
		my $count = sysread($self->{socket}, $self->{buffer}, 65536, length $self->{buffer});
		return ('', '') unless $count;
	}
	my $length = unpack('N', substr($self->{buffer}, 1, 4));
	my $message = substr($self->{buffer}, 0, 1 + $length, '');
	return (substr($message, 0, 1), substr($message, 5));
}

# SQLSTATE and message of an error report.
sub report
{
	my %fields = map { (substr($_, 0, 1) => substr($_, 1)) } grep { $_ ne '' } split(/\0/, shift);
	return ($fields{C}, $fields{M}, $fields{W} // '');
}

# Reads on to the first message of the type, or to the end of the connection. Gives what it met: rows, command tags,
# errors and warnings by SQLSTATE and message, one string each.
sub until
{
	my ($self, $wanted) = @_;
	my @met;
	while (1)
	{
		my ($type, $body) = $self->receive;
		push @met, 'closed' if $type eq '';
		push @met, join(' ', (report($body))[ 0, 1 ]) if $type eq 'E' || $type eq 'N';
		$self->{context} = (report($body))[2] if $type eq 'E';
		push @met, $body =~ s/\0$//r if $type eq 'C';
		push @met, substr($body, 6) if $type eq 'D';
		last if $type eq '' || $type eq $wanted || $type eq 'Z';
	}
	return @met;
}

# The whole of a COPY: the statement, the chunks, the end.
sub copy
{
	my ($self, $sql, @chunks) = @_;
	$self->query($sql);
	my @met = $self->until('G');
	return join('; ', @met) if @met;
	$self->write(join('', map { message('d', $_) } @chunks) . message('c', ''));
	return join('; ', $self->until('Z'));
}

sub close { my $self = shift; close($self->{socket}); return }

1;
