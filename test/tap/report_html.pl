# report_html in a browser: valid, self-contained, nothing sticks out at 375 and 1440 pixels, light, dark and printed; hostile text stays text.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp ();
use PostgreSQL::Test::Utils;
use Recon;
use Test::More;

my $chromium = (grep { -x } map { "$_/chromium" } split /:/, $ENV{PATH})[0];
plan skip_all => 'no chromium' unless $chromium;
my $node = server('report');
my $base = $node->basedir;

sub query { return $node->safe_psql('postgres', @_) }
sub report { my ($job) = @_; return query("SELECT recon.report_html($job)") . "\n" }
sub without_time { my ($page) = @_; $page =~ s/Generated [\d :-]+ UTC/Generated/ or die 'no time'; return $page }

# Runs the browser and gives what it prints, and what it logs.
sub browse
{
	my (@options) = @_;
	my $home = File::Temp->newdir('browserXXXX', TMPDIR => 1);
	local $ENV{HOME} = "$home";
	my ($out, $err);
	IPC::Run::run([ $chromium, qw(--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars --enable-logging=stderr --allow-file-access-from-files), "--user-data-dir=$home/data", @options ],
		'<', \undef, '>', \$out, '2>', \$err, IPC::Run::timeout(120)) or die "chromium: $err";
	return ($out, $err);
}

sub javascript { my ($text) = @_; $text =~ s/([\\"])/\\$1/g; $text =~ s/\n/\\n/g; $text =~ s{</}{<\\/}g; $text =~ s/<!--/<\\!--/g; return "\"$text\"" }

# Lays the page out at some widths and measures it, by a page around it: the report itself has no script.
sub measure
{
	my ($name, $page, @options) = @_;
	my $wrapper = write_file($node, "$name-wrapper.html", q{<!DOCTYPE html><meta charset="utf-8"><body><pre id="result"></pre><script>
		const page = } . javascript($page) . q{;
		const lines = [];
		function tell(width, what, value) { lines.push(width + ' ' + what + ': ' + value); }
		function name(element) { return element.tagName + '.' + element.className + ' ' + element.textContent.slice(0, 40).replace(/\s+/g, ' '); }
		async function look(width) {
			const frame = document.createElement('iframe');
			frame.width = width; frame.height = 1000; frame.style.border = 0;
			const loaded = new Promise(done => frame.onload = done);
			frame.srcdoc = page;
			document.body.append(frame);
			await loaded;
			const d = frame.contentDocument, w = frame.contentWindow, root = d.documentElement;
			tell(width, 'fits', root.scrollWidth <= w.innerWidth);
			tell(width, 'scripts', d.querySelectorAll('script, iframe, object, embed, form, base').length);
			tell(width, 'handlers', [...d.querySelectorAll('*')].filter(e => [...e.attributes].some(a => /^on/i.test(a.name))).length);
			tell(width, 'links', [...d.querySelectorAll('[src], [href]')].filter(e => !/^data:,$/.test(e.getAttribute('href'))).length);
			tell(width, 'fetched', w.performance.getEntriesByType('resource').length);
			// Numbers are never broken: a table with absurd ones may be scrolled by itself.
			const inner = [...d.querySelectorAll('main *')].filter(e => !e.closest('svg') && !('scrolls' in root.dataset && e.closest('.wide') && w.innerWidth > 640));
			tell(width, 'outside', inner.filter(e => { const r = e.getBoundingClientRect(); return r.width > 0 && !e.closest('thead') && (r.right > w.innerWidth + 1 || r.left < -1); }).map(name).join(' | '));
			tell(width, 'cut', inner.filter(e => !e.closest('thead') && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline').map(name).join(' | '));
			const overlap = [];
			for (const group of d.querySelectorAll('tr, .bar, .key')) {
				const boxes = [...group.children].map(e => [e, e.getBoundingClientRect()]).filter(([e, r]) => r.width > 0 && r.height > 0);
				boxes.forEach(([e, r], i) => boxes.slice(i + 1).forEach(([f, s]) => { if (r.left < s.right - 1 && s.left < r.right - 1 && r.top < s.bottom - 1 && s.top < r.bottom - 1) overlap.push(name(e)); }));
			}
			tell(width, 'overlap', overlap.join(' | '));
			tell(width, 'tables', d.querySelectorAll('table').length > 4);
			tell(width, 'charts', d.querySelectorAll('.bar svg rect:not(.track)').length > 4);
			tell(width, 'uneven', [...d.querySelectorAll('tbody tr')].filter(r => r.children.length !== r.closest('table').querySelectorAll('th').length).length);
			const colour = getComputedStyle(d.body).backgroundColor;
			tell(width, 'paper', colour === 'rgb(255, 255, 255)' ? 'light' : colour === 'rgb(21, 26, 33)' ? 'dark' : colour);
			if (width === 1440) { tell(width, 'title', d.querySelector('h1').textContent); }
		}
		(async () => { for (const width of [375, 1440]) await look(width); document.getElementById('result').textContent = lines.join('\n'); })();
	</script>});
	my ($out) = browse('--dump-dom', '--virtual-time-budget=20000', @options, "file://$wrapper");
	my ($result) = $out =~ m{<pre id="result">(.*?)</pre>}s or die $out;
	return map { /^(\d+ \w+): (.*)$/ or die $_; ($1 => $2) } split /\n/, $result;
}

my %fine = (fits => 'true', scripts => 0, handlers => 0, links => 0, fetched => 0, outside => '', cut => '', overlap => '', tables => 'true', charts => 'true', uneven => 0, paper => 'light');
sub is_fine
{
	my ($name, $page, $scrolls) = @_;
	unlike($page, qr/[^\x0a\x20-\x7e]/, "$name: ASCII alone");
	my $path = write_file($node, "$name.html", $page);
	my ($out, $err);
	IPC::Run::run([ qw(tidy -q -e), $path ], '>', \$out, '2>', \$err);
	is($err, '', "$name: valid HTML");
	my %got = measure($name, $scrolls ? $page =~ s/<html /<html data-scrolls="" /r : $page);
	for my $width (375, 1440) { is($got{"$width $_"}, $fine{$_}, "$name at $width pixels: $_") for sort keys %fine }
	for my $width (375, 1440)
	{
		my ($printed, $log) = browse("--window-size=$width,1200", "--screenshot=$base/$name-$width.png", "file://$path");
		unlike($log, qr/CONSOLE/, "$name at $width pixels: no word on the console");
		my $png = slurp_file("$base/$name-$width.png");
		is(join('x', unpack('x16 N N', $png)), "${width}x1200", "$name at $width pixels: a screenshot");
		cmp_ok(length($png), '>', 20_000, 'with something on it');
	}
	return $got{'1440 title'};
}

# What the demo shows.
{
	my $examples = "$FindBin::Bin/../../examples";
	system("cp $examples/*.csv $base/") == 0 or die;
	my $err;
	IPC::Run::run([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-v', "examples=$base", '-v', "report=$base/demo-report.html", '-d', $node->connstr('postgres'), '-f', "$examples/demo.sql" ], '>', '/dev/null', '2>', \$err) or die $err;
	my $job = query('SELECT max(job_id) FROM recon.jobs');
	query(q{SELECT recon.approve_matches(array_agg(match_id)) FROM (SELECT match_id FROM recon.matches WHERE status = 'proposed' ORDER BY 1 LIMIT 5) m; SELECT recon.reject_matches(array_agg(match_id)) FROM (SELECT match_id FROM recon.matches WHERE status = 'proposed' ORDER BY 1 LIMIT 2) m});
	my $page = report($job);
	is(is_fine('demo', $page), 'bank to ledger', 'its title');
	my %dark = measure('dark', $page, '--force-dark-mode');
	is($dark{"$_ paper"}, 'dark', "dark at $_ pixels") for 375, 1440;
	browse("--print-to-pdf=$base/demo.pdf", "file://$base/demo.html");
	my $pages = () = slurp_file("$base/demo.pdf") =~ m{/Type /Page\b(?!s)}g;
	cmp_ok($pages, '>=', 2, 'printed');
	cmp_ok($pages, '<=', 12, 'on a few pages');
	is(without_time(report($job)), without_time($page), 'the same in another session');
	my $zone = query(q{SELECT zone FROM unnest('{Asia/Tokyo,America/Los_Angeles,Europe/London}'::text[]) zone WHERE (now() AT TIME ZONE zone)::date = current_date LIMIT 1});
	is(without_time(query("SET TimeZone = '$zone'; SET datestyle = 'German'; SET lc_monetary = 'C'; SET extra_float_digits = 0; SET work_mem = '64kB'; SET max_parallel_workers_per_gather = 0; SET search_path = ''; SELECT recon.report_html($job)") . "\n"), without_time($page), 'under other settings');
	my $shown = slurp_file("$base/demo-report.html");
	like($shown, qr/^<!DOCTYPE html>.*<\/html>\n*$/s, 'the demo writes the page');
	for my $figure ([ 'records', 'SELECT count(*) FROM recon.records' ], [ 'open', 'SELECT count(*) FROM recon.open_records' ])
	{
		my $number = query($figure->[1]);
		1 while $number =~ s/^(\d+)(\d{3})/$1,$2/;
		like($page, qr{<div><b>\Q$number\E</b>}, "$figure->[0]: $number");
	}
	is(scalar(() = $page =~ /&#x2717;/g), 0, 'all totals prove');
	for my $currency (qw(EUR GBP USD))
	{
		for my $source (qw(bank ledger))
		{
			my $open = 'EXISTS (SELECT FROM recon.open_records o WHERE o.record_id = r.record_id)';
			my %cell;
			@cell{ 'Records', 'Amount', 'Records matched', 'Amount matched', 'Records open', 'Amount open' } = map { s/^-/&minus;/r } split /\|/, query("SELECT count(*), to_char(sum(amount), 'FM999,999,999,990.00'), count(*) FILTER (WHERE NOT $open), to_char(coalesce(sum(amount) FILTER (WHERE NOT $open), 0), 'FM999,999,999,990.00'), count(*) FILTER (WHERE $open), to_char(coalesce(sum(amount) FILTER (WHERE $open), 0), 'FM999,999,999,990.00') FROM recon.records r JOIN recon.data_sources USING (source_id) WHERE name = '$source' AND currency = '$currency'");
			my ($line) = $page =~ m{(<tr><td data-title="Currency" class="code"><bdi>$currency</bdi></td><td data-title="Source"><bdi>$source</bdi></td>.*?</tr>)};
			like($line, qr{data-title="$_" class="number">\Q$cell{$_}\E<}, "$source, $currency: $_ $cell{$_}") for sort keys %cell;
		}
	}
}

# A difference that is not there by way of recon is shown as one.
{
	my $job = query('SELECT max(job_id) FROM recon.jobs');
	my $wrong = query("BEGIN; DELETE FROM recon.open_singles WHERE record_id = (SELECT min(record_id) FROM recon.open_singles); SELECT recon.report_html($job); ROLLBACK");
	like($wrong, qr/verdict bad/, 'a record that is neither matched nor open is found');
	like($wrong, qr/&#x2717; differs/, 'and shown where');
}

# Texts that would be markup, code, or turn the page around; numbers and lines without end.
{
	my $evil = q{<script>alert(1)</script>"'`&amp;</title></style><img src=x onerror=alert(1)>};
	my $bidi = "\xe2\x80\xae\xe2\x81\xa6abc\xe2\x80\x8f";
	my $long = 'w' x 3000;
	query(qq{
		SELECT recon.create_project(\$x\$$evil$bidi\$x\$, \$x\$--> $evil\$x\$);
		SELECT recon.create_source(currval('recon.projects_project_id_seq'), \$x\$$evil a\$x\$);
		SELECT recon.create_source(currval('recon.projects_project_id_seq'), \$x\$$long\$x\$);
		SELECT recon.create_rule(currval('recon.projects_project_id_seq'), \$x\$$evil {{7*7}} %s\$x\$, '{"match": [{"field": "amount", "op": "within", "abs": 1}], "approve_at": 0.9}');
		SELECT recon.create_job(currval('recon.projects_project_id_seq'), \$x\$$evil\\\$x\$, currval('recon.data_sources_source_id_seq') - 1, currval('recon.data_sources_source_id_seq'))});
	my ($job, $a, $b) = split /\|/, query('SELECT job_id, source_a, source_b FROM recon.jobs ORDER BY job_id DESC LIMIT 1');
	my $quoted = $evil =~ s/"/""/gr;
	my $lines = join('', map { "\"$quoted$_\"," . ($_ % 7 ? "$_.00" : '99999999999999999999.999999999999999999') . ",\"$quoted\",\"$bidi\x01\x1b[31m\",2026-01-0$_\n" } 1 .. 9);
	my $header = "external_id,amount,currency,counterparty,transaction_date\n";
	my $file_a = write_file($node, "<b>a&amp;.csv", $header . $lines . "x,\"$quoted\",EUR,\xff\xfe,2026-01-01\n$long,1,EUR,$long,$long\n");
	my $file_b = write_file($node, 'b.csv', $header . "$long,5.5,\"$quoted\",$long,2026-02-01\n\"$bidi\",-0.000000000000000001,X,$bidi,\n" . join('', map { "c$_,$_,CUR$_,\"$long\",2026-01-01\n" } 1 .. 60));
	query("SELECT recon.ingest_file($a, \$x\$$file_a\$x\$); SELECT recon.ingest_file($b, '$file_b'); SELECT recon.run_job($job)");
	my $page = report($job);
	my $title = is_fine('hostile', $page, 1);
	like($title, qr/^&lt;script&gt;alert\(1\)&lt;\/script&gt;/, 'the title is text') or diag($title);
	unlike($page, qr/<(?:script|img)/i, 'no tag of a user\'s');
	like($page, qr{<span class="unseen">U\+202E</span>}, 'what turns the text around is named');
	like($page, qr{<span class="unseen">U\+0001</span>}, 'so is what cannot be seen');
	like($page, qr{<span class="unseen">\\xFF</span>}, 'and what is no UTF-8');
	like($page, qr/99,999,999,999,999,999,999\.999999999999999999/, 'the largest number, to its last digit');
	like($page, qr/The 20 currencies with the most records of \d\d/, 'not every currency by itself');
	cmp_ok(length($page), '<', 200_000, 'a page of this size');
}

# A job that has not run, over sources without records.
{
	query(q{SELECT recon.create_project('empty'); SELECT recon.create_source(currval('recon.projects_project_id_seq'), s) FROM unnest('{a,b}'::text[]) s;
		SELECT recon.create_job(currval('recon.projects_project_id_seq'), 'empty', currval('recon.data_sources_source_id_seq') - 1, currval('recon.data_sources_source_id_seq'))});
	$fine{tables} = $fine{charts} = 'false';
	is_fine('empty', report(query('SELECT max(job_id) FROM recon.jobs')));
}
done_testing();
