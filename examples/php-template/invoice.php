<?php
/** Fills the template below with the invoice that is named by the first argument. */
$invoice = json_decode(file_get_contents($argv[1]), true, flags: JSON_THROW_ON_ERROR);
$show = fn ($value) => htmlspecialchars($value, ENT_QUOTES);
$total = array_sum(array_map(fn ($line) => $line["count"] * $line["cents"], $invoice["lines"]));
?>
<h1>Invoice <?= $show($invoice["number"]) ?></h1>
<p>For <?= $show($invoice["customer"]) ?></p>
<ul>
<?php foreach ($invoice["lines"] as $line): ?>
  <li><?= $line["count"] ?> × <?= $show($line["item"]) ?></li>
<?php endforeach ?>
</ul>
<p>Total <?= number_format($total / 100, 2, ",", ".") ?></p>
